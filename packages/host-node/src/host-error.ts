// What of the world outside keeps a node from starting: a file, a directory, an address.

/** The message says what was wrong, where, and what is allowed. */
export class HostError extends Error {
  override readonly name = 'HostError';
  /** Kafka's name for it. */
  readonly code: 'INVALID_CONFIG' | 'KAFKA_STORAGE_ERROR';

  constructor(code: HostError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
