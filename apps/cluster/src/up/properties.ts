// The server.properties that `up` writes for each node, as one would write it by hand.

import { shortTimers } from '@odradek/model';
import type { ClusterNode } from './cluster-file.ts';

export interface NodeFiles {
  readonly secretFile: string;
  readonly isMemory: boolean;
}

/** What differs from node to node, so that no one value is right for all. */
export const settingsOfOneNode: readonly string[] = [
  'node.id',
  'process.roles',
  'listeners',
  'advertised.listeners',
  'log.dirs',
];

/** The text of a node's configuration: who it is, and timers under which one sees quickly what happens. */
export function propertiesOf(node: ClusterNode, { secretFile, isMemory }: NodeFiles): string {
  const entries: readonly (readonly [string, string])[] = [
    ['node.id', String(node.id)],
    ['process.roles', node.roles.join(',')],
    ['listeners', `PLAINTEXT://${node.host}:${node.port}`],
    ['log.dirs', node.directory],
    ['odradek.cluster.secret.file', secretFile],
    ['odradek.console.allow', 'administer'],
    ...(isMemory ? [['odradek.flush.policy', 'memory'] as const] : []),
    ...shortTimers.entries,
  ];
  const lines = entries.map(([name, value]) => `${name}=${escaped(value)}`);
  return ['# Written by `odradek up`, anew at each start.', ...lines, ''].join('\n');
}

/** In Java's notation a backslash, as in a path of Windows, stands for something else. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\');
}

/** The short timers in words. */
export function timersText(): string {
  const value = (name: string): string => `${shortTimers.entries.get(name)} ms`;
  return [
    `session ${value('broker.session.timeout.ms')}`,
    `heartbeat ${value('broker.heartbeat.interval.ms')}`,
    `election ${value('controller.quorum.election.timeout.ms')} and more`,
    `lag ${value('replica.lag.time.max.ms')}`,
  ].join(', ');
}
