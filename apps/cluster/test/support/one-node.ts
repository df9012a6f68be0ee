// One node in the process of the test, with everything that ships but the command line.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flagSource, resolveConfiguration, shortTimers } from '@odradek/model';
import { formatDirectory } from '../../src/format-directory.ts';
import type { Entry } from '../../src/log/entry.ts';
import { NodeLog } from '../../src/log/node-log.ts';
import { type RunningNode, startNode } from '../../src/node.ts';
import { newId } from '../../src/uuid.ts';

export class OneNode {
  /** Its log. */
  readonly entries: Entry[] = [];
  #directory: string | undefined;
  #node: RunningNode | undefined;

  /** It votes alone; with `others`, it waits for voters who never come. */
  async start(
    others: readonly number[] = [],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<RunningNode> {
    const directory = mkdtempSync(join(tmpdir(), 'odradek-one-'));
    this.#directory = directory;
    const voters = [1, ...others].map((id) => ({ id, directoryId: newId(), host: '127.0.0.1', port: id }));
    const directoryId = voters[0]?.directoryId ?? '';
    await formatDirectory(directory, { clusterId: newId(), nodeId: 1, directoryId, voters });
    const own = { 'node.id': '1', 'log.dirs': directory, listeners: 'PLAINTEXT://127.0.0.1:0' };
    const configuration = resolveConfiguration([shortTimers, flagSource({ ...own, ...settings })]);
    const log = new NodeLog('broker-1', (entry) => this.entries.push(entry));
    this.#node = await startNode(configuration, { log, faults: undefined });
    return this.#node;
  }

  async stop(): Promise<void> {
    await this.#node?.stop(false);
    this.#node = undefined;
  }

  async end(): Promise<void> {
    await this.stop();
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = undefined;
  }
}
