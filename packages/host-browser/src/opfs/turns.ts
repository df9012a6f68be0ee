// Completions come in turns of their own: after the call that ordered them, and sooner than a timer, which browsers slow down.

export class Turns {
  readonly #channel = new MessageChannel();
  readonly #waiting: (() => void)[] = [];

  constructor() {
    this.#channel.port1.onmessage = () => this.#waiting.shift()?.();
  }

  /** In the order in which they were asked for. */
  later(callback: () => void): void {
    this.#waiting.push(callback);
    this.#channel.port2.postMessage(undefined);
  }

  /** Whoever waits is not called any more. */
  close(): void {
    this.#channel.port1.close();
  }
}
