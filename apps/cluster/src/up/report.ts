// What `up` prints while a cluster runs.

import type { Frame } from '@odradek/trace';
import { stepWords } from '../frame-text.ts';
import { counted, table } from '../output.ts';
import type { Session } from '../session.ts';
import type { ClusterFile } from './cluster-file.ts';
import { timersText } from './properties.ts';

/** How a node is called in front of people. */
export function nodeName(file: ClusterFile, id: number): string {
  const node = file.nodes.find((candidate) => candidate.id === id);
  return node?.roles.includes('broker') === false ? `controller ${id}` : `broker ${id}`;
}

/** Where a browser finds the console: any broker serves it. */
export function consoleAddress({ nodes }: ClusterFile): string {
  const broker = nodes.find((node) => node.roles.includes('broker'));
  return `http://${broker?.host}:${broker?.port}/`;
}

/** One line: when, who, what. */
export function newsLine(name: string, text: string, wall = new Date()): string {
  return `${timeText(wall)}  ${name.padEnd(14)}  ${text}`;
}

/** One step of one machine: actor, from, event, to, rule. */
export function frameLine(frame: Frame, wall = new Date()): string {
  const rule = frame.rule === undefined ? '' : `  (${frame.rule})`;
  const from = frame.from === '' ? '·' : frame.from;
  return `${timeText(wall)}  ${frame.actor}  ${from} —${stepWords(frame)}→ ${frame.to}${rule}`;
}

function timeText(wall: Date): string {
  return wall.toTimeString().slice(0, 8) + (wall.getMilliseconds() / 1000).toFixed(3).slice(1);
}

export interface Started {
  readonly file: ClusterFile;
  readonly dataDirectory: string;
  readonly isNew: boolean;
  readonly readyMs: number;
}

/** What is there once all nodes run, and what to type next. */
export function startedText({ terminal }: Session, { file, dataDirectory, isNew, readyMs }: Started): string {
  const brokers = file.nodes.filter((node) => node.roles.includes('broker'));
  const rows = file.nodes.map((node) => [
    node.id,
    node.roles.join(' and '),
    `${node.host}:${node.port}`,
    node.pid ?? '',
  ]);
  const replicas = Math.min(3, brokers.length);
  return [
    `The console, to see and to break it: ${consoleAddress(file)}`,
    `${isNew ? 'A new cluster' : 'The cluster goes on'}: ${counted(brokers.length, 'broker')}, ready after ${(readyMs / 1000).toFixed(2)} s. Data: ${dataDirectory}`,
    `Timers are short, so that one sees what happens: ${timersText()}.`,
    '',
    table(terminal, ['node', 'roles', 'address', 'pid'], rows),
    '',
    'Type in another terminal:',
    `  npx odradek topic create laser --partitions 3 --replication-factor ${replicas}`,
    '  seq 1 100000 | npx odradek produce laser',
    '  npx odradek consume laser --from earliest --count 5',
    ...(replicas > 1
      ? ['  npx odradek topic describe laser', `  npx odradek chaos kill ${brokers[0]?.id ?? 1}`]
      : []),
    '  npx odradek cluster status',
    'Ctrl-C here stops all nodes together.',
    '',
  ].join('\n');
}
