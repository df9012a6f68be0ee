// Parts that many messages have.

import { integer, integerOr, list, nullable, struct, text } from './schema.ts';

/** Kafka's error name; NONE when all went well. `errorMessage` says what was wrong and what is allowed. */
export const outcome = { error: text, errorMessage: nullable(text) };
/** -1 where there is nothing to say. */
export const unknown = integerOr(-1);
export const partition = { topicId: text, partition: integer };
export const configuration = list(struct({ name: text, value: nullable(text) }));
/** Who leads a partition, and who has its records. */
export const leadership = {
  partition: integer,
  leader: unknown,
  leaderEpoch: unknown,
  replicas: list(integer),
  inSyncReplicas: list(integer),
};
