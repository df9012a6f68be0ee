// Made by `npm run diagrams`: the drawings of this package’s machines, as `readDrawings` of @odradek/trace takes them.

import log from './log.json' with { type: 'json' };

export const diagrams: readonly unknown[] = [log];
