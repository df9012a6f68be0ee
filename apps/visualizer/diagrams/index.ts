// Made by `npm run diagrams`: the drawings of this package’s machines, as `readDrawings` of @odradek/trace takes them.

import console from './console.json' with { type: 'json' };

export const diagrams: readonly unknown[] = [console];
