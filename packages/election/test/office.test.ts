import { describe, expect, it } from 'vitest';
import {
  committedEnd,
  isHeard,
  mustResignAtMs,
  type Office,
  stillHearsMajority,
  successors,
  withHeard,
} from '../src/office.ts';

const one = { id: 1, directoryId: 'one' };
const two = { id: 2, directoryId: 'two' };
const three = { id: 3, directoryId: 'three' };
const voters = [one, two, three];
const fresh: Office = { epochStart: 10, sinceMs: 1000, replicas: new Map() };

describe('what a leader knows of the others', () => {
  it('Q4: commits nothing before a majority is heard past its epoch start', () => {
    expect(committedEnd(fresh, 5, one, 12, voters)).toBe(5);
    expect(committedEnd(withHeard(fresh, two, 10, 1100), 5, one, 12, voters)).toBe(5);
    expect(committedEnd(withHeard(fresh, two, 11, 1100), 5, one, 12, voters)).toBe(11);
  });
  it("Q13, Q12: observers and strangers with a voter's id do not count", () => {
    const office = withHeard(fresh, { id: 7, directoryId: 'seven' }, 12, 1100);
    expect(committedEnd(office, 5, one, 12, voters)).toBe(5);
    expect(
      committedEnd(withHeard(office, { id: 2, directoryId: 'wiped' }, 12, 1100), 5, one, 12, voters),
    ).toBe(5);
  });
  it('I1: a fetch that is sent elsewhere tells that the replica lives, not how far it is', () => {
    const office = withHeard(withHeard(fresh, two, 11, 1100), two, undefined, 1200);
    expect(office.replicas.get(2)).toEqual({ directoryId: 'two', endOffset: 11, heardMs: 1200 });
  });
  it('Q8: gives a new office one and a half fetch timeouts, then asks for a majority', () => {
    expect(mustResignAtMs(fresh, one, voters, 600)).toBe(1900);
    const office = withHeard(fresh, two, 11, 1500);
    expect(mustResignAtMs(office, one, voters, 600)).toBe(2400);
    expect(stillHearsMajority(office, one, voters, 2399, 600)).toBe(true);
    expect(stillHearsMajority(office, one, voters, 2400, 600)).toBe(false);
    expect(stillHearsMajority(fresh, one, [one], 1e9, 600)).toBe(true);
  });
  it('Q9: names successors by what they have flushed', () => {
    const office = withHeard(withHeard(fresh, two, 11, 1100), three, 12, 1100);
    expect(successors(office, one, voters)).toEqual([3, 2]);
    expect(successors(fresh, one, voters)).toEqual([2, 3]);
    expect([isHeard(office, two, 1199, 100), isHeard(office, two, 1200, 100)]).toEqual([true, false]);
  });
});
