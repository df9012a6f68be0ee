// How brokers, times and ages are called in sentences.

import type { PartitionExplanation } from '@odradek/client';

export function brokerText(id: number): string {
  return `broker ${id}`;
}

/** `broker 1`, `brokers 1 and 2`, `brokers 1, 2 and 3`. */
export function brokersText(ids: readonly number[]): string {
  const [first, ...rest] = ids;
  if (first === undefined) return 'nobody';
  if (rest.length === 0) return brokerText(first);
  return `brokers ${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
}

/** `broker 1 or broker 2`: one of them is enough. */
export function eitherText(ids: readonly number[]): string {
  return ids.length === 0 ? 'nobody' : ids.map(brokerText).join(' or ');
}

/** `12:03:11`, in the time of this machine; with the day if that is not today. */
export function clockText(wallMs: number, now = new Date()): string {
  const wall = new Date(wallMs);
  const time = wall.toTimeString().slice(0, 8);
  if (wall.toDateString() === now.toDateString()) return time;
  const [month, day] = [wall.getMonth() + 1, wall.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${wall.getFullYear()}-${month}-${day} ${time}`;
}

export function ageText(ms: number): string {
  if (ms < 0) return 'it has never been caught up in this leader epoch';
  return `it was last caught up ${(ms / 1000).toFixed(1)} s ago`;
}

/** What a replica's broker has said; undefined: it has not answered. */
export function wordsOf(
  { words }: PartitionExplanation,
  broker: number,
): PartitionExplanation['words'][number] | undefined {
  return words.find((one) => one.broker === broker);
}
