import { randomUUID } from 'node:crypto';

/** A random UUID as Kafka writes it: base64url, never beginning with a dash, which would look like an option. */
export function newId(): string {
  const text = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  return text.startsWith('-') ? newId() : text;
}
