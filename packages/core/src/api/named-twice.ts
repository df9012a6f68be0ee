// A partition that one request names twice: nobody needs that, and it is how a small request becomes much work (X9).

import { partitionKey } from '@odradek/model';

/** What is wrong with a request for these partitions; undefined when each is named once. */
export function namedTwice(
  partitions: readonly { readonly topicId: string; readonly partition: number }[],
): { readonly error: 'INVALID_REQUEST'; readonly errorMessage: string } | undefined {
  if (partitions.length < 2) return undefined;
  const seen = new Set<string>();
  for (const { topicId, partition } of partitions) {
    const key = partitionKey(topicId, partition);
    if (seen.has(key)) {
      const errorMessage = `partition ${partition} of topic ${topicId.slice(0, 100)} is named twice: once is allowed`;
      return { error: 'INVALID_REQUEST', errorMessage };
    }
    seen.add(key);
  }
  return undefined;
}
