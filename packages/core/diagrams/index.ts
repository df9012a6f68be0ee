// Made by `npm run diagrams`: the drawings of this package’s machines, as `readDrawings` of @odradek/trace takes them.

import broker from './broker.json' with { type: 'json' };
import controller from './controller.json' with { type: 'json' };
import partition from './partition.json' with { type: 'json' };

export const diagrams: readonly unknown[] = [broker, controller, partition];
