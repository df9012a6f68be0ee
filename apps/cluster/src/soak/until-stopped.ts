/** Work that goes on until it is told to stop. */
export class UntilStopped {
  readonly #running: Promise<unknown>;
  #isStopped = false;

  /** `work` returns once it is told to stop, which it asks for. */
  constructor(work: (isStopped: () => boolean) => Promise<unknown>) {
    this.#running = work(() => this.#isStopped);
  }

  /** Resolves once it has stopped; rejects with what went wrong. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }
}
