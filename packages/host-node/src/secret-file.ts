// The cluster's secret: who knows it may speak as a node. It lives in a file that its owner alone can read, and nowhere else.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { HostError } from './host-error.ts';
import { replaceFileNow } from './replace-file.ts';

const MIN_CHARACTERS = 32;

/** Makes a new secret, 256 bits, in a file with mode 0600. Refuses to overwrite one. */
export function createSecretFile(path: string): void {
  if (fs.existsSync(path))
    throw new HostError('INVALID_CONFIG', `${path} exists already; a secret is never overwritten`);
  replaceFileNow(path, `${randomBytes(32).toString('base64url')}\n`, 0o600);
}

/** Copies a secret, in whose form nothing is wrong, to a file of its own with mode 0600. Refuses to overwrite one. */
export function copySecretFile(from: string, to: string): void {
  const secret = new TextDecoder().decode(readSecretFile(from));
  if (fs.existsSync(to))
    throw new HostError('INVALID_CONFIG', `${to} exists already; a secret is never overwritten`);
  fs.mkdirSync(dirname(to), { recursive: true });
  replaceFileNow(to, `${secret}\n`, 0o600);
}

/** Reads the secret that `odradek.cluster.secret.file` names. Its text is the key: every node must have the same file. */
export function readSecretFile(path: string): Uint8Array {
  const mode = orUnreadable(path, () => fs.statSync(path).mode);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new HostError(
      'INVALID_CONFIG',
      `${path} can be read by others (mode ${(mode & 0o777).toString(8)}); a secret must be its owner's: chmod 600 ${path}`,
    );
  const text = orUnreadable(path, () => fs.readFileSync(path, 'utf8').trim());
  if (text.length < MIN_CHARACTERS)
    throw new HostError(
      'INVALID_CONFIG',
      `${path} has a secret of ${text.length} characters; at least ${MIN_CHARACTERS} are needed`,
    );
  return new TextEncoder().encode(text);
}

function orUnreadable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new HostError('INVALID_CONFIG', `the cluster's secret ${path} cannot be read`, { cause });
  }
}
