import { allDeadLoses } from './all-dead-loses.ts';
import { allDeadWaits } from './all-dead-waits.ts';
import { committed } from './committed.ts';
import { election } from './election.ts';
import { highWatermark } from './high-watermark.ts';
import { offset } from './offset.ts';
import { replicasReturn } from './replicas-return.ts';
import type { Scene } from './scene.ts';
import { zombie } from './zombie.ts';

/** In the order in which one may best look at them. */
export const scenes: readonly Scene[] = [
  offset,
  committed,
  highWatermark,
  replicasReturn,
  allDeadWaits,
  allDeadLoses,
  zombie,
  election,
];
