// `meta.properties`: whose directory this is, in Kafka's format.

import * as fs from 'node:fs';
import { join } from 'node:path';
import { FormatError, uuidBytes } from '@odradek/format';
import { codeOf } from './disk-system.ts';
import { replaceDurably } from './durable.ts';
import { HostError } from './host-error.ts';

export const META_NAME = 'meta.properties';
const MAX_NODE_ID = 2 ** 31 - 1;

export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: string;
}

/** Reads a directory's identity; undefined: it is not formatted. */
export function readMetaProperties(directory: string): MetaProperties | undefined {
  const path = join(directory, META_NAME);
  let text: string;
  try {
    text = fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new HostError('KAFKA_STORAGE_ERROR', `${path} cannot be read`, { cause: error });
  }
  const values = propertiesOf(text);
  const version = wanted(values, 'version', path);
  if (version !== '1') throw refusal(path, 'version', version, '1, which this program reads');
  const nodeId = wanted(values, 'node.id', path);
  if (!/^\d{1,10}$/.test(nodeId) || Number(nodeId) > MAX_NODE_ID)
    throw refusal(path, 'node.id', nodeId, `a whole number from 0 to ${MAX_NODE_ID}`);
  const directoryId = wanted(values, 'directory.id', path);
  if (!isUuid(directoryId))
    throw refusal(path, 'directory.id', directoryId, 'a UUID, as 22 characters of base64url');
  return { nodeId: Number(nodeId), clusterId: wanted(values, 'cluster.id', path), directoryId };
}

/** Writes a directory's identity; durable when it resolves. */
export function writeMetaProperties(directory: string, meta: MetaProperties): Promise<void> {
  const lines = [
    '#',
    `cluster.id=${meta.clusterId}`,
    `directory.id=${meta.directoryId}`,
    `node.id=${meta.nodeId}`,
    'version=1',
  ];
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`);
  return new Promise((resolve, reject) => {
    replaceDurably(join(directory, META_NAME), bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function isUuid(text: string): boolean {
  try {
    uuidBytes(text);
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

function refusal(path: string, key: string, value: string, allowed: string): HostError {
  return new HostError(
    'INVALID_CONFIG',
    `${path}: ${key} is ${JSON.stringify(value)}: allowed is ${allowed}`,
  );
}

function wanted(values: ReadonlyMap<string, string>, key: string, path: string): string {
  const value = values.get(key);
  if (value === undefined || value === '')
    throw new HostError('INVALID_CONFIG', `${path}: ${key} is missing`);
  return value;
}

/** Java's format as far as Kafka writes it here: comments, `key=value`, backslashes before `:`, `=` and spaces. */
function propertiesOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^#!=:\s][^=:\s]*)\s*[=:]\s*(.*)$/.exec(line);
    if (match?.[1] !== undefined) values.set(match[1], (match[2] ?? '').replace(/\\(.)/g, '$1').trim());
  }
  return values;
}
