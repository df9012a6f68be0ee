// Real data for the demo; where it comes from stands beside it, in data/README.md.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { localFailure } from '../failure.ts';

export interface DemoRecord {
  readonly key: string | null;
  readonly value: string;
}

/** 20,000 flights, without keys, and between them 1,707 earthquakes by their ids. */
export function demoRecords(): readonly DemoRecord[] {
  const flights = linesOf('flights.ndjson.gz').map((value): DemoRecord => ({ key: null, value }));
  const quakes = linesOf('earthquakes.ndjson.gz').map((value): DemoRecord => ({ key: idOf(value), value }));
  return interleaved(flights, quakes);
}

function idOf(line: string): string {
  const { id } = JSON.parse(line) as { readonly id: string };
  return id;
}

/** Spreads the fewer evenly among the many. */
function interleaved<T>(many: readonly T[], few: readonly T[]): readonly T[] {
  const every = Math.floor(many.length / Math.max(few.length, 1));
  const mixed = many.flatMap((item, index) => {
    const other = index % every === 0 ? few[index / every] : undefined;
    return other === undefined ? [item] : [item, other];
  });
  return [...mixed, ...few.slice(Math.ceil(many.length / every))];
}

function linesOf(name: string): readonly string[] {
  return gunzipSync(readFileSync(join(dataDirectory(), name)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
}

/** Beside the sources as beside the bundle: the app's own folder. */
function dataDirectory(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'data/flights.ndjson.gz'))) {
    if (at === dirname(at))
      throw localFailure('INVALID_REQUEST', 'the data of the demo is not beside the program');
    at = dirname(at);
  }
  return join(at, 'data');
}

/** One number for values in their order, so that two runs of them can be compared. */
export class Checksum {
  readonly #hash = createHash('sha256');

  add(value: string): void {
    this.#hash.update(value).update('\n');
  }

  text(): string {
    return this.#hash.digest('hex').slice(0, 16);
  }
}
