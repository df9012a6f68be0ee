// How long the peers' answers take, and how long it is therefore waited for them (Q10). Where nodes are far apart, or one is busy, a
// round trip may last longer than the settings allow for: then no pre-vote comes back in its round, no vote in its election and no
// fetch before its leader is given up, and there is no leader for as long as that lasts. So whoever asks looks at what answers
// have taken, those that came too late among them. Silence says nothing: nobody waits longer for one that is gone.

import type { QuorumTimeouts } from './quorum.ts';

/** What answers have taken lately. */
export interface AnswerTimes {
  /** There and back, with what the peer needed to make its answer durable. */
  readonly roundTripMs: number;
  /** A fetch's, in which it may have been parked at the leader. */
  readonly fetchMs: number;
}

export const noAnswers: AnswerTimes = { roundTripMs: 0, fetchMs: 0 };

/**
 * Nothing is waited for longer than this on account of slow answers: a link that is silent for 3 s is given up, and somebody who was
 * slow and is gone must not be waited for much longer. Settings that are longer stand.
 */
export const LONGEST_WAIT_MS = 4000;

/** An answer that was not parked has come. */
export function afterAnswer(times: AnswerTimes, tookMs: number): AnswerTimes {
  return { ...times, roundTripMs: lately(times.roundTripMs, tookMs) };
}

/** A fetch was answered, which was parked for `maxWaitMs` at most: what it took beyond it was spent on the way. */
export function afterFetch(times: AnswerTimes, tookMs: number, maxWaitMs: number): AnswerTimes {
  return {
    roundTripMs: lately(times.roundTripMs, Math.max(0, tookMs - maxWaitMs)),
    fetchMs: lately(times.fetchMs, tookMs),
  };
}

/** The longest counts, and is forgotten by halves: one quick answer among slow ones is no proof. */
function lately(beforeMs: number, tookMs: number): number {
  return Math.max(tookMs, beforeMs / 2);
}

/**
 * The settings, longer where answers take longer: an answer must be able to take twice its time. Pauses in which voters get out
 * of each other's way must outlast a round trip as well, or they all stand again before they have heard of each other.
 */
export function timeoutsFor(settings: QuorumTimeouts, times: AnswerTimes): QuorumTimeouts {
  const forRoundTrip = Math.min(LONGEST_WAIT_MS, 2 * times.roundTripMs);
  const forFetch = Math.min(LONGEST_WAIT_MS, 2 * Math.max(times.roundTripMs, times.fetchMs));
  return {
    ...settings,
    electionTimeoutMs: Math.max(settings.electionTimeoutMs, Math.ceil(forRoundTrip)),
    electionBackoffMaxMs: Math.max(settings.electionBackoffMaxMs, Math.ceil(forRoundTrip)),
    fetchTimeoutMs: Math.max(settings.fetchTimeoutMs, Math.ceil(forFetch)),
  };
}

/** How long a question stays open: an answer that comes after the asker's patience is of use all the same, as a measure. */
export function requestTimeoutMs(settings: QuorumTimeouts): number {
  return Math.max(settings.requestTimeoutMs, LONGEST_WAIT_MS);
}
