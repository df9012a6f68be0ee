/** A broken invariant: a bug or damage nobody foresaw. It stops the node, loudly; nobody catches it to go on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws an {@link InvariantError} unless `condition` holds. `message` says what was expected, with the numbers. */
export function invariant(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new InvariantError(typeof message === 'string' ? message : message());
}
