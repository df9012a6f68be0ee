// Sequence numbers of idempotent producers: 0 to 2^31 - 1, then 0 again (P1, S47).

const SEQUENCES = 2 ** 31;

/** The sequence `by` records after `sequence`. */
export function incrementSequence(sequence: number, by: number): number {
  return (sequence + by) % SEQUENCES;
}

/** The sequence `by` records before `sequence`. */
export function decrementSequence(sequence: number, by: number): number {
  return (sequence - by + SEQUENCES) % SEQUENCES;
}
