// One port per broker: the first bytes tell which protocol comes.

export type Protocol = 'http' | 'tls' | 'kafka';

const methods = ['GET ', 'POST', 'HEAD', 'PUT ', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC'];

/** Which protocol begins so; undefined: too few bytes to tell. Kafka's frames begin with their length, whose first byte is small. */
export function protocolOf(bytes: Uint8Array): Protocol | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] === 0x16) return 'tls';
  const begun = String.fromCharCode(...bytes.subarray(0, 4));
  const candidates = methods.filter((method) => method.startsWith(begun));
  if (candidates.length === 0) return 'kafka';
  return begun.length === 4 ? 'http' : undefined;
}
