import { FormatError, type Inflating } from '../../src/index.ts';

/** Runs it to its end. */
export function inflated(inflating: Inflating): Uint8Array {
  for (;;) {
    const { done, value } = inflating.next();
    if (done === true) return value;
  }
}

/** How often it pauses. */
export function slicesOf(inflating: Inflating): number {
  let slices = 0;
  while (inflating.next().done !== true) slices += 1;
  return slices;
}

/** The code of the error; 'none' without one. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'none';
}
