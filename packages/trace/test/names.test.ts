import { expect, test } from 'vitest';
import { eventWordsOf } from '../src/names.ts';

test('an event is called as in the drawing of its machine, whichever state waited for it', () => {
  expect(eventWordsOf('vote answered', 'quorum')).toBe('vote answered');
  expect(eventWordsOf('xstate.after.fetch timeout.quorum.follower', 'quorum')).toBe('after fetch timeout');
  expect(eventWordsOf('xstate.after.500.quorum.follower.doubting', 'quorum')).toBe('after 500 ms');
  expect(eventWordsOf('xstate.after.rest.log', 'log')).toBe('after rest');
  expect(eventWordsOf('xstate.after.something.else', 'log')).toBe('after something.else');
  expect(eventWordsOf('xstate.done.state.log.open', 'log')).toBe('done log.open');
});
