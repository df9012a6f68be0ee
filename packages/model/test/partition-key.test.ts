import { describe, expect, it } from 'vitest';
import { partitionKey } from '../src/index.ts';

describe('the key of a partition', () => {
  it('is the same for the same partition, and of no other', () => {
    const keys = ['A', 'B'].flatMap((topicId) =>
      [0, 1, 11].map((partition) => partitionKey(topicId, partition)),
    );
    expect(keys).toEqual(['A:0', 'A:1', 'A:11', 'B:0', 'B:1', 'B:11']);
    expect(partitionKey('A', 11)).toBe('A:11');
  });

  it('X6: is right however many strangers name, and whatever', () => {
    for (let topic = 0; topic < 50_000; topic++)
      if (partitionKey(`${topic}`, -topic) !== `${topic}:${-topic}`) expect.fail(`${topic}`);
    expect(partitionKey('A', 1)).toBe('A:1');
    expect(partitionKey('7', -7)).toBe('7:-7');
  });
});
