// Made by `npm run diagrams`: the drawings of this package’s machines, as `readDrawings` of @odradek/trace takes them.

import link from './link.json' with { type: 'json' };
import session from './session.json' with { type: 'json' };

export const diagrams: readonly unknown[] = [link, session];
