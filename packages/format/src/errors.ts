/** What is wrong with the bytes. */
export type FormatErrorCode =
  /** They end before the value does. */
  | 'TRUNCATED'
  /** They say something that cannot be. */
  | 'CORRUPT'
  /** A value outside what its type, or JavaScript's exact integers, can hold. */
  | 'OUT_OF_RANGE'
  /** A version or feature that is known by name and not read. */
  | 'UNSUPPORTED'
  /** They become more than whoever reads them has room for. */
  | 'TOO_LARGE';

/** Bytes that could not be read, or a value that could not be written. The message says what, where, and what is allowed. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly code: FormatErrorCode;

  constructor(code: FormatErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
