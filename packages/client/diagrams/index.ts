// Made by `npm run diagrams`: the drawings of this package’s machines, as `readDrawings` of @odradek/trace takes them.

import consumer from './consumer.json' with { type: 'json' };
import delivery from './delivery.json' with { type: 'json' };
import metadata from './metadata.json' with { type: 'json' };
import position from './position.json' with { type: 'json' };
import producer from './producer.json' with { type: 'json' };

export const diagrams: readonly unknown[] = [consumer, delivery, metadata, position, producer];
