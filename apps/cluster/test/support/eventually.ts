/** No condition of a story takes longer, or it does not come. */
const capMs = 30_000;
const lookAgainMs = 20;

/** Waits for a condition, never for a time. An error while looking counts as: not yet. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  let trouble: unknown;
  for (;;) {
    try {
      if (await holds()) return;
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    if (performance.now() - startedAt > capMs)
      throw new Error(
        `not within ${capMs / 1000} s: ${what}${trouble === undefined ? '' : ` (${String(trouble)})`}`,
      );
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}
