// Where a partition ends, when somebody asks for an offset beyond it.

import { type Client, type Consumer, OdradekError, type TopicPartition } from '@odradek/client';
import { timeoutFailure } from './failure.ts';

const pollMs = 250;

/**
 * A leader that was succeeded while it was paused or cut off does not know it, and its log may end before an offset that is there (L9).
 * Whoever reads at that offset asks the other brokers too, and goes where they say; until it has a record or is refused.
 */
export async function confirmedEnd(
  client: Pick<Client, 'consumer'>,
  partition: TopicPartition,
  offset: number,
  timeoutMs: number,
): Promise<number> {
  const startedAt = performance.now();
  const consumer = client.consumer();
  consumer.assign([{ ...partition, from: offset }]);
  try {
    for (let isRefused = false; ; isRefused = await refusesToRead(consumer)) {
      const [{ offset: end } = { offset: 0 }] = await consumer.offsets([partition], 'latest');
      if (end >= offset || isRefused) return end;
      if (performance.now() - startedAt > timeoutMs)
        throw timeoutFailure(
          `${partition.topic}-${partition.partition} ends at ${end} by the word of its leader; no other broker answers that could say whether it still leads`,
          'Ask again when the other brokers are back: `odradek cluster status` shows them.',
        );
    }
  } finally {
    await consumer.close();
  }
}

async function refusesToRead(consumer: Consumer): Promise<boolean> {
  try {
    await consumer.poll(pollMs);
    return false;
  } catch (error) {
    if (error instanceof OdradekError && error.code === 'OFFSET_OUT_OF_RANGE') return true;
    throw error;
  }
}
