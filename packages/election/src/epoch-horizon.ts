// How far an epoch that peers tell is believed (X9). An epoch is adopted and kept for ever, and there are no more than 32 bits of them: a
// voter that lies must not use them up, and one that was away must be able to follow, however far the others have come.
// So what a majority of voters tells is believed wherever it is, since one of them at least is honest. What one alone tells is
// believed as far as there can have been elections that this member has missed.

import type { LeaderEpoch } from '@odradek/model';
import { majorityEnd } from './quorum-arithmetic.ts';

/** Epochs have 32 bits, on the disk and in every batch. */
export const MAX_EPOCH = 2 ** 31 - 1;

/** How many elections a member may have missed that does not know how long it was away. */
export const MISSED_EPOCHS = 2 ** 16;
/** An election takes durable votes and a round of messages: they do not follow each other faster. */
export const MS_PER_EPOCH = 10;

/** Up to where one voter alone is believed: `epoch` at `sinceMs`, and farther as time passes. */
export interface EpochHorizon {
  readonly epoch: LeaderEpoch;
  readonly sinceMs: number;
}

/** Of a member that has just started. */
export function horizonAtStart(own: LeaderEpoch, nowMs: number): EpochHorizon {
  return { epoch: own + MISSED_EPOCHS, sinceMs: nowMs };
}

export function horizonAt({ epoch, sinceMs }: EpochHorizon, nowMs: number): LeaderEpoch {
  return epoch + Math.floor(Math.max(0, nowMs - sinceMs) / MS_PER_EPOCH);
}

/** A leader of the own epoch is heard, or a majority hears this one: not more was missed than by one that has just started. */
export function horizonWhenHeard(horizon: EpochHorizon, own: LeaderEpoch, nowMs: number): EpochHorizon {
  const atStart = horizonAtStart(own, nowMs);
  return horizonAt(horizon, nowMs) > atStart.epoch ? atStart : horizon;
}

/**
 * A newer epoch is adopted. One that only a majority could tell of moves the horizon no farther than to itself: otherwise a liar would
 * lift one voter after the other by what each of them believes.
 */
export function horizonAfter(horizon: EpochHorizon, adopted: LeaderEpoch, nowMs: number): EpochHorizon {
  return adopted > horizonAt(horizon, nowMs) ? { epoch: adopted, sinceMs: nowMs } : horizon;
}

/** Whether an epoch is believed of which each voter has told what stands in `toldByVoters`: the own one counts for itself, -1 is nothing. */
export function isCredibleEpoch(
  told: LeaderEpoch,
  horizon: LeaderEpoch,
  toldByVoters: readonly LeaderEpoch[],
): boolean {
  return told >= -1 && told < MAX_EPOCH && (told <= horizon || told <= majorityEnd(toldByVoters));
}
