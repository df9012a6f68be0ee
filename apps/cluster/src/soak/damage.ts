// What is done to the files of a partition while its broker does not run: as bad disks, careless hands and half copies do it.

import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Draw } from './draw.ts';

/**
 * `flip`: a bit of the segment that is written to (D8); what lies in older ones is found when it is read. `indexes`: deleted, cut or
 * exchanged (D7). `checkpoints`: those of the partition and of the directory are gone or empty. `wipe`: the whole partition (S14).
 */
export type Damage = 'flip' | 'indexes' | 'checkpoints' | 'wipe';

export const damages: readonly Damage[] = ['flip', 'indexes', 'checkpoints', 'wipe'];

/** Does it to one partition of a topic in the directory of a node. Returns what was done. */
export function damage(what: Damage, directory: string, topic: string, draw: Draw): string {
  const places = readdirSync(directory).filter((name) => new RegExp(`^${topic}-\\d+$`).test(name));
  const place = draw.pick(places.sort());
  const home = join(directory, place);
  switch (what) {
    case 'flip':
      return flip(home, draw);
    case 'indexes':
      return hurtIndexes(home, draw);
    case 'checkpoints':
      rmSync(join(home, 'leader-epoch-checkpoint'), { force: true });
      for (const name of ['recovery-point-offset-checkpoint', 'replication-offset-checkpoint'])
        writeFileSync(join(directory, name), '');
      return `the checkpoints of ${place} and of its broker are gone`;
    case 'wipe':
      rmSync(home, { recursive: true });
      return `${place} is gone`;
  }
}

function flip(home: string, draw: Draw): string {
  const file = filesOf(home, '.log').at(-1) ?? '';
  const bytes = readFileSync(file);
  if (bytes.length === 0) return `${file} is empty`;
  const at = draw.between(0, bytes.length - 1);
  bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << draw.between(0, 7)), at);
  writeFileSync(file, bytes);
  return `byte ${at} of ${file} is another one`;
}

function hurtIndexes(home: string, draw: Draw): string {
  const files = [...filesOf(home, '.index'), ...filesOf(home, '.timeindex')];
  // That of the segment that is written to is in memory until it is rolled or closed.
  if (files.length === 0) return `${home} has no indexes`;
  const file = draw.pick(files);
  const other = draw.pick(files.filter((name) => name.endsWith(file.slice(file.lastIndexOf('.')))));
  switch (draw.between(0, 2)) {
    case 0:
      rmSync(file);
      return `${file} is gone`;
    case 1:
      truncateSync(file, draw.between(0, 20));
      return `${file} is cut`;
    default:
      renameSync(file, `${file}.other`);
      if (other !== file) renameSync(other, file);
      renameSync(`${file}.other`, other);
      return `${file} and ${other} are exchanged`;
  }
}

function filesOf(home: string, extension: string): readonly string[] {
  const names = readdirSync(home).filter((name) => name.endsWith(extension));
  return names.sort().map((name) => join(home, name));
}
