import { describe, expect, it } from 'vitest';
import {
  afterAnswer,
  afterFetch,
  LONGEST_WAIT_MS,
  noAnswers,
  requestTimeoutMs,
  timeoutsFor,
} from '../src/answer-times.ts';
import { fetchWaitMs } from '../src/peer-requests.ts';
import { defaultQuorumTimeouts } from '../src/quorum.ts';

const short = {
  ...defaultQuorumTimeouts,
  electionTimeoutMs: 150,
  electionBackoffMaxMs: 150,
  fetchTimeoutMs: 500,
  requestTimeoutMs: 500,
};

describe('what is waited for answers', () => {
  it('Q10: is what the settings say, as long as an answer takes less than half of it', () => {
    expect(timeoutsFor(short, noAnswers)).toEqual(short);
    expect(timeoutsFor(short, afterAnswer(noAnswers, 75))).toEqual(short);
    // As long as a fetch of a quiet quorum is parked at most.
    for (const settings of [short, defaultQuorumTimeouts]) {
      const parkedMs = fetchWaitMs(settings);
      expect(timeoutsFor(settings, afterFetch(noAnswers, parkedMs + 5, parkedMs))).toEqual(settings);
    }
  });
  it('Q10: is twice what an answer has taken: in elections, and in the pauses between lost ones', () => {
    const slow = timeoutsFor(short, afterAnswer(noAnswers, 800));
    expect([slow.electionTimeoutMs, slow.electionBackoffMaxMs, slow.fetchTimeoutMs]).toEqual([
      1600, 1600, 1600,
    ]);
  });
  it('Q8, Q10: is at least what a fetch takes that is parked, whatever its way there and back takes', () => {
    for (const settings of [short, defaultQuorumTimeouts])
      for (let roundTripMs = 1; roundTripMs <= LONGEST_WAIT_MS / 2; roundTripMs++) {
        const parkedMs = fetchWaitMs(settings);
        // The last one had news to bring, and was not parked.
        const { fetchTimeoutMs } = timeoutsFor(settings, afterFetch(noAnswers, roundTripMs, parkedMs));
        expect(fetchTimeoutMs - roundTripMs - parkedMs).toBeGreaterThanOrEqual(settings.fetchTimeoutMs / 10);
      }
  });
  it('X3: is a whole number of milliseconds on the wire, whatever the settings say', () => {
    expect(fetchWaitMs({ ...short, fetchTimeoutMs: 333 })).toBe(133);
  });
  it('Q10: tells a fetch that was parked from one that was long on its way', () => {
    expect(afterFetch(noAnswers, 500, 500)).toEqual({ roundTripMs: 0, fetchMs: 500 });
    expect(afterFetch(noAnswers, 1300, 500)).toEqual({ roundTripMs: 800, fetchMs: 1300 });
  });
  it('Q10: forgets slow answers by halves', () => {
    let times = afterAnswer(noAnswers, 800);
    const seen: number[] = [];
    for (let answer = 0; answer < 4; answer++) {
      times = afterAnswer(times, 2);
      seen.push(times.roundTripMs);
    }
    expect(seen).toEqual([400, 200, 100, 50]);
    expect(timeoutsFor(short, times)).toEqual(short);
  });
  it('Q10: is bounded, and never shorter than the settings', () => {
    const bounded = timeoutsFor(short, afterFetch(afterAnswer(noAnswers, 60_000), 60_000, 0));
    expect(bounded).toMatchObject({
      electionTimeoutMs: LONGEST_WAIT_MS,
      electionBackoffMaxMs: LONGEST_WAIT_MS,
      fetchTimeoutMs: LONGEST_WAIT_MS,
    });
    const patient = { ...short, electionTimeoutMs: 9000, fetchTimeoutMs: 9000, requestTimeoutMs: 9000 };
    expect(timeoutsFor(patient, afterAnswer(noAnswers, 3000))).toMatchObject({
      electionTimeoutMs: 9000,
      fetchTimeoutMs: 9000,
    });
    expect([short, patient].map(requestTimeoutMs)).toEqual([LONGEST_WAIT_MS, 9000]);
  });
});
