import { type Client, type Consumer, type ConsumerRecord, OdradekError } from '@odradek/client';
import { expect, it } from 'vitest';
import { confirmedEnd } from '../src/confirmed-end.ts';

const place = { topic: 'laser', partition: 0 };

/** A client whose leader says `ends`, one after the other, and whose reader gets an answer each time: nothing yet, or a refusal. */
function clientWhere(ends: readonly number[], poll: () => Promise<readonly ConsumerRecord[]>) {
  const left = [...ends];
  const assigned: unknown[] = [];
  const consumer: Pick<Consumer, 'assign' | 'offsets' | 'poll' | 'close'> = {
    assign: (places) => void assigned.push(...places),
    offsets: async () => [{ ...place, offset: (left.length > 1 ? left.shift() : left[0]) ?? -1 }],
    poll,
    close: async () => {},
  };
  return { client: { consumer: () => consumer as Consumer } satisfies Pick<Client, 'consumer'>, assigned };
}

const nothing = async () => [];
const refuses = async () => {
  throw new OdradekError('OFFSET_OUT_OF_RANGE', 'it is not in the log');
};

it('L9 the end is that of the leader to which the reader has gone over', async () => {
  const { client, assigned } = clientWhere([5, 5, 9], nothing);
  expect(await confirmedEnd(client, place, 7, 10_000)).toBe(9);
  expect(assigned).toEqual([{ ...place, from: 7 }]);
});

it('L9 an offset that is the end of the new leader is none beyond it', async () => {
  expect(await confirmedEnd(clientWhere([5, 7], nothing).client, place, 7, 10_000)).toBe(7);
});

it('the end is the leader’s own once the reader was refused, which it is by one that others know of', async () => {
  expect(await confirmedEnd(clientWhere([5], refuses).client, place, 7, 10_000)).toBe(5);
});

it('whoever cannot be told in time whether the leader leads is told that', async () => {
  const failure = confirmedEnd(clientWhere([5], nothing).client, place, 7, -1);
  await expect(failure).rejects.toMatchObject({ code: 'TIMEOUT', exitCode: 5 });
  await expect(failure).rejects.toThrow('laser-0 ends at 5 by the word of its leader');
});

it('another error of reading is told as it is', async () => {
  const { client } = clientWhere([5], async () => {
    throw new OdradekError('CONNECT', 'nobody answers');
  });
  await expect(confirmedEnd(client, place, 7, 10_000)).rejects.toThrow('nobody answers');
});
