import { describe, expect, it } from 'vitest';
import { ClientHistory, type DeclaredLoss, type Sent } from '../src/client-history.ts';

/** A history in which `a b c` were acknowledged at 0, 1, 2, and what the log holds at the end. */
function historyOf(
  log: string,
  options: { losses?: DeclaredLoss[]; more?: (history: ClientHistory) => void } = {},
) {
  const history = new ClientHistory();
  for (const [offset, value] of ['a', 'b', 'c'].entries())
    acknowledge(history.send('p', 't-0', value), offset);
  options.more?.(history);
  const records = log.split(' ').map((value, offset) => ({ offset, value }));
  return history
    .violations(new Map([['t-0', { records }]]), options.losses)
    .map(({ rule, message }) => `${rule}: ${message}`);
}

function acknowledge(sent: Sent, offset: number): void {
  sent.outcome = 'acknowledged';
  sent.offset = offset;
}

describe('the oracle of client histories', () => {
  it('finds nothing wrong when every promise was kept', () => {
    expect(historyOf('a b c')).toEqual([]);
  });

  it('V1: an acknowledged record that is lost', () => {
    expect(historyOf('a b')).toEqual(['V1: c was acknowledged at t-0 2, and is lost']);
  });

  it('V13: an acknowledged record at another offset', () => {
    expect(historyOf('a b x c')).toEqual(['V13: c was acknowledged at t-0 2, but stands at 3']);
  });

  it('V13, C4: one that a deposed leader acknowledged is lost; that a try before it was taken elsewhere is no broken promise', () => {
    const losses = [{ partition: 't-0', fromOffset: 3, toOffset: 4 }];
    const sentTwice = (mayHaveHadTwin: boolean) => (history: ClientHistory) => {
      const sent = history.send('p', 't-0', 'd');
      acknowledge(sent, 3);
      sent.mayHaveHadTwin = mayHaveHadTwin;
      history.send('q', 't-0', 'x').outcome = 'unknown';
    };
    expect(historyOf('a b c x d', { more: sentTwice(true), losses })).toEqual([]);
    const broken = 'V13: d was acknowledged at t-0 3, but stands at 4';
    expect(historyOf('a b c x d', { more: sentTwice(true) })).toContain(broken);
    expect(historyOf('a b c x d', { more: sentTwice(false), losses })).toContain(broken);
  });

  it('V13: a refused record that is there', () => {
    const more = (history: ClientHistory): void => {
      history.send('p', 't-0', 'd').outcome = 'refused';
    };
    expect(historyOf('a b c d', { more })).toEqual(['V13: d was refused, but stands at t-0 3']);
  });

  it('V13: a refused record that was read, though it is declared lost since', () => {
    const more = (history: ClientHistory): void => {
      history.send('p', 't-0', 'd').outcome = 'unknown';
      history.send('p', 't-0', 'e').outcome = 'refused';
      history.give({ consumer: 'r', partition: 't-0', offset: 3, value: 'e' });
    };
    const losses = [{ partition: 't-0', fromOffset: 3, toOffset: 4 }];
    expect(historyOf('a b c', { more, losses })).toEqual(['V13: r was given e at t-0 3, which was refused']);
  });

  it('V13: a record without an answer may be there or not', () => {
    const more = (history: ClientHistory): void => {
      history.send('p', 't-0', 'd').outcome = 'unknown';
    };
    expect(historyOf('a b c', { more })).toEqual([]);
    expect(historyOf('a b c d', { more })).toEqual([]);
  });

  it('V30: a record twice', () => {
    expect(historyOf('a b c b')).toEqual(['V30: t-0 b stands at 1 and 3']);
  });

  it('V30: records of one producer in another order', () => {
    const more = (history: ClientHistory): void => {
      history.send('q', 't-0', 'e');
      history.send('q', 't-0', 'd');
    };
    expect(historyOf('a b c d e', { more })).toEqual(['V30: q sent e before d, but t-0 has them at 4 and 3']);
  });

  it('V9: an offset at which two values were seen', () => {
    const more = (history: ClientHistory): void => {
      history.send('p', 't-0', 'x');
      history.give({ consumer: 'r', partition: 't-0', offset: 1, value: 'x' });
    };
    expect(historyOf('a b c', { more })).toEqual(['V9: r was given x at t-0 1, where b is now']);
  });

  it('V8: a record was read that was never committed', () => {
    const more = (history: ClientHistory): void => {
      history.send('p', 't-0', 'd');
      history.give({ consumer: 'r', partition: 't-0', offset: 3, value: 'd' });
    };
    expect(historyOf('a b c', { more })).toEqual(['V8: r was given d at t-0 3, where nothing is now']);
  });

  it('V8: a record was read that nobody sent, though it stands in the log', () => {
    const more = (history: ClientHistory): void => {
      history.give({ consumer: 'r', partition: 't-0', offset: 3, value: 'd' });
    };
    expect(historyOf('a b c d', { more })).toEqual(['V8: r was given "d" at t-0 3, which nobody sent there']);
  });

  it('V7: reads that go back', () => {
    const more = (history: ClientHistory): void => {
      history.give({ consumer: 'r', partition: 't-0', offset: 1, value: 'b' });
      history.give({ consumer: 'r', partition: 't-0', offset: 1, value: 'b' });
    };
    expect(historyOf('a b c', { more })).toEqual(['V7: r was given t-0 1 after 1']);
  });

  it('C4: a record that was taken and lost may have been sent again, where its answer was missing (seed 7127)', () => {
    const loss = { partition: 't-0', fromOffset: 3, toOffset: 4 };
    const sentTwice = (history: ClientHistory): void => {
      const sent = history.send('p', 't-0', 'd');
      acknowledge(sent, 3);
      sent.mayHaveHadTwin = true;
    };
    expect(historyOf('a b c d', { losses: [loss], more: sentTwice })).toEqual([]);
  });

  it('V1: a record is lawfully gone with its topic, and below the start that retention has left', () => {
    const history = new ClientHistory();
    const sent = history.send('p', 't-0', 'a');
    acknowledge(sent, 0);
    sent.topicId = 'old';
    const logAt = (topicId: string, startOffset: number) =>
      history.violations(new Map([['t-0', { topicId, startOffset, records: [] }]]));
    expect(logAt('new', 0)).toEqual([]);
    expect(logAt('old', 1)).toEqual([]);
    expect(logAt('old', 0)).toHaveLength(1);
  });

  it('C4: a loss that was declared is lawful, one that nobody suffered is not', () => {
    const loss = { partition: 't-0', fromOffset: 2, toOffset: 3 };
    expect(historyOf('a b', { losses: [loss] })).toEqual([]);
    expect(historyOf('a b x', { losses: [loss] })).toEqual([]);
    expect(historyOf('a b c', { losses: [loss] })).toEqual([
      'C4: t-0 [2, 3) is declared lost, but only 0 records are missing that were acknowledged there or never answered',
    ]);
  });
});
