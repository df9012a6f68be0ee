import { expect, it } from 'vitest';
import { type Family, gauge } from '../../src/metrics/exposition.ts';
import { textInTurns } from '../../src/metrics/node-metrics.ts';

/** How many families are made in each turn of the event loop, where each takes so long. */
async function familiesByTurn(costMs: number): Promise<number[]> {
  let nowMs = 0;
  const turns = [0];
  let isOver = false;
  const count = (): void => {
    if (isOver) return;
    turns.push(0);
    setImmediate(count);
  };
  setImmediate(count);
  function* families(): Iterable<Family> {
    for (let index = 0; index < 10; index++) {
      nowMs += costMs;
      turns.push((turns.pop() ?? 0) + 1);
      yield gauge(`family_${index}`, 'One.', index);
    }
  }
  const text = await textInTurns(families(), () => nowMs);
  isOver = true;
  expect(text.match(/^family_\d /gm)).toHaveLength(10);
  return turns.filter((made) => made > 0);
}

it('families that take long are made in turns of their own', async () => {
  expect(await familiesByTurn(5)).toEqual(Array.from({ length: 10 }, () => 1));
});

it('families that take little share a turn: a busy node has long ones', async () => {
  expect(await familiesByTurn(0.25)).toEqual([4, 4, 2]);
});
