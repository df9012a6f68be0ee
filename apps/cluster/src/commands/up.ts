// A whole cluster in one terminal.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { environmentSource, flagSource, shortTimers } from '@odradek/model';
import type { Setting } from '../arguments.ts';
import { checkDataDirectory } from '../data-directory.ts';
import { usageFailure } from '../failure.ts';
import { printOutcome } from '../output.ts';
import type { Session } from '../session.ts';
import { untilSignalled } from '../signals.ts';
import { defaultDataDirectory } from '../up/cluster-file.ts';
import { forgetCluster, rememberCluster } from '../up/known-clusters.ts';
import { settingsOfOneNode } from '../up/properties.ts';
import { consoleAddress, frameLine, newsLine, nodeName, startedText } from '../up/report.ts';
import { type RunningCluster, runCluster } from '../up/run-cluster.ts';
import { resolved } from './config.ts';

interface UpOptions {
  readonly brokers?: number;
  readonly controllers?: number;
  readonly port?: number;
  readonly dataDir?: string;
  readonly memory?: boolean;
  readonly set?: readonly Setting[];
  readonly watch?: boolean;
}

/** `up` */
export async function up(session: Session, options: UpOptions): Promise<undefined> {
  const { memory: isMemory = false, set = [] } = options;
  if (isMemory && options.dataDir !== undefined)
    throw usageFailure('--memory keeps nothing, so --data-dir has no meaning with it');
  checkSettings(session, set);
  const dataDirectory = isMemory
    ? mkdtempSync(join(tmpdir(), 'odradek-'))
    : resolve(options.dataDir ?? defaultDataDirectory(session.environment));
  checkDataDirectory(dataDirectory);
  // A reader that goes away, as in `up | head`, is no reason to stop a cluster, also not while it starts.
  session.terminal.onClosed(() => {});
  try {
    const cluster = await start(session, options, dataDirectory, set);
    await live(session, cluster);
  } finally {
    if (isMemory) {
      forgetCluster(session.environment, dataDirectory);
      rmSync(dataDirectory, { recursive: true, force: true });
    }
  }
}

/** A wrong setting is refused once, before three processes refuse it. */
function checkSettings({ environment }: Session, set: readonly Setting[]): void {
  const ofOne = set.find(({ name }) => settingsOfOneNode.includes(name));
  if (ofOne !== undefined)
    throw usageFailure(
      `${ofOne.name} differs from node to node: with \`up\` it cannot be set for all`,
      '`odradek format` and `odradek broker` run a node with a configuration of its own.',
    );
  const flags = flagSource(Object.fromEntries(set.map(({ name, value }) => [name, value])));
  resolved([flagSource({ 'node.id': '1' }, 'up'), shortTimers, environmentSource(environment), flags]);
}

async function start(
  session: Session,
  options: UpOptions,
  dataDirectory: string,
  set: readonly Setting[],
): Promise<RunningCluster> {
  const { terminal, environment } = session;
  const print = (line: string, data: object): void =>
    terminal.print(terminal.isJson ? JSON.stringify(data) : line);
  const cluster = await runCluster({
    dataDirectory,
    wanted: { brokers: options.brokers, controllers: options.controllers, port: options.port },
    isMemory: options.memory === true,
    watch: options.watch === true ? 'everything' : 'nothing',
    set,
    program: process.argv[1] ?? '',
    onNews: (file, id, text) =>
      print(newsLine(nodeName(file, id), text), { time: Date.now(), node: id, text }),
    onFrame: (frame) => print(frameLine(frame), frame),
  });
  rememberCluster(environment, dataDirectory);
  const file = cluster.file();
  // Node counts from the start of the process: what the user has waited for.
  const readyMs = Math.round(performance.now());
  const { clusterId, nodes } = file;
  printOutcome(terminal, {
    data: {
      ...{ clusterId, dataDirectory, isNew: cluster.isNew, readyMs, nodes },
      console: consoleAddress(file),
    },
    text: startedText(session, { file, dataDirectory, isNew: cluster.isNew, readyMs }),
  });
  return cluster;
}

/** Until Ctrl-C; a second one kills. */
async function live({ terminal }: Session, cluster: RunningCluster): Promise<void> {
  await untilSignalled();
  terminal.complain('Stopping all nodes; Ctrl-C again kills them.');
  const killed = untilSignalled();
  const stopped = cluster.stop();
  await Promise.race([stopped, killed.then(() => cluster.kill())]);
  await stopped;
}
