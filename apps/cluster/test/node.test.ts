// Starting a node from files that are not as they were written: it says what is wrong, where, and what is allowed, or it serves.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flagSource, resolveConfiguration, shortTimers } from '@odradek/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../src/failure.ts';
import { formatDirectory } from '../src/format-directory.ts';
import { NodeLog } from '../src/log/node-log.ts';
import { startNode } from '../src/node.ts';
import { newId } from '../src/uuid.ts';
import { mutated } from './support/mutated.ts';

let root = '';
/** The directory of a node that has served and stopped. */
let template = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'odradek-mutated-'));
  template = join(root, 'template');
  const directoryId = newId();
  const voters = [{ id: 1, directoryId, host: '127.0.0.1', port: 1 }];
  await formatDirectory(template, { clusterId: newId(), nodeId: 1, directoryId, voters });
  expect(await outcomeOf(template)).toBe('serves');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function fresh(): string {
  const directory = mkdtempSync(join(root, 'node-'));
  cpSync(template, directory, { recursive: true });
  return directory;
}

/** Starts a node and stops it again: `serves`, or why it does not. */
async function outcomeOf(directory: string): Promise<string> {
  const own = { 'node.id': '1', 'log.dirs': directory, listeners: 'PLAINTEXT://127.0.0.1:0' };
  const configuration = resolveConfiguration([shortTimers, flagSource(own)]);
  try {
    const node = await startNode(configuration, {
      log: new NodeLog('broker-1', () => {}),
      faults: undefined,
    });
    try {
      await Promise.race([node.ready, node.failed]);
      return 'serves';
    } finally {
      await node.stop(false);
    }
  } catch (error) {
    const { code, message } = failureOf(error);
    return `${code}: ${message}`;
  }
}

describe.each(['meta.properties', '__cluster_metadata-0/quorum-state'])('a mutated %s', (name) => {
  it('is told by its name, with what is wrong, or does no harm; and nothing is left of a start that failed', async () => {
    const outcomes = new Map<string, number>();
    const directory = fresh();
    const path = join(directory, name);
    const sound = readFileSync(path, 'utf8');
    for (let seed = 1; seed <= 60; seed++) {
      writeFileSync(path, mutated(sound, seed));
      const outcome = await outcomeOf(directory);
      outcomes.set(outcome, seed);
      if (outcome !== 'serves') {
        expect(outcome, `seed ${seed}`).toContain(name);
        expect(outcome, `seed ${seed}`).not.toMatch(/undefined|Cannot read|is not a function|\n\s+at /);
      }
      writeFileSync(path, sound);
    }
    expect(outcomes.size).toBeGreaterThan(5);
    expect(await outcomeOf(directory)).toBe('serves');
  });
});

it.each([
  ['version=1', 'version=2', 'meta.properties: version is "2": allowed is 1, which this program reads'],
  [
    'node.id=1',
    'node.id=one',
    'meta.properties: node.id is "one": allowed is a whole number from 0 to 2147483647',
  ],
  ['node.id=1', '', 'meta.properties: node.id is missing'],
  [/directory.id=.*/, 'directory.id=mine', 'meta.properties: directory.id is "mine": allowed is a UUID'],
  ['node.id=1', 'node.id=2', 'is formatted for node 2, and node.id is 1'],
])('meta.properties with %s changed to %j', async (what, to, said) => {
  const directory = fresh();
  const path = join(directory, 'meta.properties');
  writeFileSync(path, readFileSync(path, 'utf8').replace(what, to));
  expect(await outcomeOf(directory)).toMatch(/^INVALID_CONFIG: /);
  expect(await outcomeOf(directory)).toContain(said);
});

it('a directory that is not the one that votes, where nobody else does, is told: no quorum could form', async () => {
  const directory = fresh();
  const path = join(directory, 'meta.properties');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/directory.id=.*/, `directory.id=${newId()}`));
  const outcome = await outcomeOf(directory);
  expect(outcome).toMatch(/^INVALID_CONFIG: .*meta.properties says directory/);
  expect(outcome).toContain('no quorum could form');
});
