/** The rhythm of load and faults; nothing is waited for by it. */
export function later(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
