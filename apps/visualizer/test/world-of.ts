// A picture of messages that are told by one teller.

import { type LiveMessage, World } from '@odradek/trace';

export function worldOf(messages: readonly LiveMessage[]): World {
  const world = new World();
  for (const message of messages) world.apply(message);
  return world;
}
