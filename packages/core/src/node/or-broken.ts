import { InvariantError } from '@odradek/model';

/** Does it; what the disk holds may contradict itself, which ends the node with a reason that its host hears (X13). */
export function orBroken(step: () => void, broken: (error: InvariantError) => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    broken(error);
  }
}
