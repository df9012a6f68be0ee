// Whether a log, or all logs of a broker, are sound: batches, indexes, epochs, snapshots and checkpoints, read offline.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeDisk, nodeCompute } from '@odradek/host-node';
import { checkLog as check, findLogs, type LogCheck, type LogProblem } from '@odradek/storage';
import { Failure, localFailure } from '../failure.ts';
import { counted, number, type Outcome } from '../output.ts';
import type { Session } from '../session.ts';

/** `log check`: fails when it found something, and names all of it. */
export async function checkLog({ terminal }: Session, path: string): Promise<Outcome> {
  const disk = diskOf(path);
  const found = await new Promise<LogCheck>((resolve) =>
    check({ disk, path: '', compute: nodeCompute }, resolve),
  );
  const { problems } = found;
  if (problems.length === 0) return { data: found, text: `${path} is sound: ${sizeText(found)}` };
  if (!terminal.isJson) terminal.print(`${path}: ${sizeText(found)} are sound`);
  const message = problems.map((problem) => problemText(path, problem)).join('; ');
  const many = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  throw new Failure('CORRUPT_MESSAGE', 1, `${many}: ${message}`, undefined, found);
}

/** The directory of a log, or of a broker. */
function diskOf(path: string) {
  if (!existsSync(path)) throw localFailure('LOG_DIR_NOT_FOUND', `there is no directory ${path}`);
  if (!statSync(path).isDirectory())
    throw localFailure(
      'LOG_DIR_NOT_FOUND',
      `${path} is a file; log check verifies a directory, with its indexes and checkpoints`,
      `The batches of a file: odradek log dump ${path}`,
    );
  const disk = createNodeDisk(path, { isReadOnly: true });
  const isLog = disk.list('').some((name) => name.endsWith('.log'));
  if (!isLog && findLogs(disk).length === 0)
    throw localFailure(
      'LOG_DIR_NOT_FOUND',
      `${path} has no logs`,
      'The directory of one partition (TOPIC-PARTITION) or of a broker (log.dirs; node-1 … under `up`) is meant.',
    );
  return disk;
}

function sizeText({ batches, records, bytes, notInflated, unreadable }: LogCheck): string {
  const size = `${counted(records, 'record')} in ${counted(batches, 'batch', 'batches')}, ${counted(bytes, 'byte')}`;
  const [first] = unreadable;
  const notes = [
    ...(notInflated === 0
      ? []
      : [`in ${number(notInflated)} of the batches, records were not looked at: nothing here inflates them`]),
    ...(first === undefined
      ? []
      : [
          `in ${number(unreadable.length)} of the batches, as producers sent them, records cannot be read: ${first.file} at ${first.position}: ${first.message}`,
        ]),
  ];
  return notes.length === 0 ? size : `${size} (${notes.join('; ')})`;
}

function problemText(path: string, { file, position, message }: LogProblem): string {
  return `${join(path, file)}${position === undefined ? '' : ` at ${position}`}: ${message}`;
}
