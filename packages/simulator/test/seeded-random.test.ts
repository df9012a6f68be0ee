import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../src/seeded-random.ts';

describe('seeded random', () => {
  it('is xoshiro128** as its authors publish it', () => {
    const random = new SeededRandom([1, 2, 3, 4]);
    const drawn = Array.from({ length: 6 }, () => random.next());
    expect(drawn).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492]);
  });

  it('gives the same stream for the same seed, another for another', () => {
    const [one, same, other] = [new SeededRandom(7), new SeededRandom(7), new SeededRandom(8)];
    expect(one.bytes(16)).toEqual(same.bytes(16));
    expect(one.bytes(16)).not.toEqual(other.bytes(16));
  });

  it('draws every value below a bound about equally often', () => {
    const random = new SeededRandom(1);
    const counts = [0, 0, 0, 0, 0];
    for (let draw = 0; draw < 10_000; draw++) {
      const value = random.below(5);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('refuses a bound that is no positive integer', () => {
    expect(() => new SeededRandom(1).below(0)).toThrow('A bound of 0');
  });
});
