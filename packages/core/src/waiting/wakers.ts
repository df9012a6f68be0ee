// Those who want to look again when something of a partition has changed: parked reads. They decide themselves, with epoch and
// high watermark checked anew (L9), whether it was what they waited for.

/** A set of callbacks, each called once at the next change, also if it was added twice. */
export class Wakers {
  private callbacks = new Set<() => void>();

  get size(): number {
    return this.callbacks.size;
  }

  /** Calls `wake` at the next change, once. Returns how to give up. */
  add(wake: () => void): () => void {
    const { callbacks } = this;
    callbacks.add(wake);
    return () => callbacks.delete(wake);
  }

  /** Something changed. Who wants to hear of the next change adds itself again. */
  wake(): void {
    if (this.callbacks.size === 0) return;
    const woken = this.callbacks;
    this.callbacks = new Set();
    for (const callback of woken) {
      if (woken.delete(callback)) callback();
    }
  }
}
