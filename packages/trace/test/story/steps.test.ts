import { expect, it } from 'vitest';
import { sentenceOf } from '../../src/story/steps.ts';

it('a sentence names the event as the drawing does, not as xstate does', () => {
  const step = {
    ...{ actor: 'broker-1/quorum', machine: 'quorum', from: 'follower.doubting', to: 'prospective.asking' },
    ...{ before: { epoch: 1 }, context: { epoch: 1 } },
  };
  const of = (event: string) => sentenceOf({ ...step, event })?.event;
  expect(of('xstate.after.evidence grace.quorum.follower.doubting')).toBe('after evidence grace');
  expect(of('xstate.after.500.quorum.follower.doubting')).toBe('after 500 ms');
  expect(of('epoch begun')).toBe('epoch begun');
});
