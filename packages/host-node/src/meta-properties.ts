// `meta.properties`: whose directory this is, in Kafka's format.

import * as fs from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './disk-system.ts';
import { replaceFileNow } from './replace-file.ts';

export const META_NAME = 'meta.properties';

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
    throw error;
  }
  const values = propertiesOf(text);
  const version = wanted(values, 'version', path);
  if (version !== '1') throw new Error(`${path}: version is ${version}; this program reads version 1`);
  const nodeId = Number(wanted(values, 'node.id', path));
  if (!Number.isSafeInteger(nodeId) || nodeId < 0)
    throw new Error(`${path}: node.id is ${values.get('node.id')}; it must be an integer from 0`);
  return {
    nodeId,
    clusterId: wanted(values, 'cluster.id', path),
    directoryId: wanted(values, 'directory.id', path),
  };
}

/** Writes a directory's identity; durable when it returns. */
export function writeMetaProperties(directory: string, meta: MetaProperties): void {
  const lines = [
    '#',
    `cluster.id=${meta.clusterId}`,
    `directory.id=${meta.directoryId}`,
    `node.id=${meta.nodeId}`,
    'version=1',
  ];
  replaceFileNow(join(directory, META_NAME), `${lines.join('\n')}\n`);
}

function wanted(values: ReadonlyMap<string, string>, key: string, path: string): string {
  const value = values.get(key);
  if (value === undefined || value === '') throw new Error(`${path}: ${key} is missing`);
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
