// Changes of names, one behind the other in a file, so that names survive: each with its length and checksum. When it has grown long all
// names are written anew into the other of two files, which counts from when it is whole and durable.

import { crc32c } from '@odradek/format';
import { type NameChange, Names } from './names.ts';
import { ordered, readAt, type SyncFile, writeAll } from './sync-file.ts';

/** The first record of a journal: of two that are whole the later one counts. */
type Opening = readonly ['journal', generation: number];

const headBytes = 8;
const shortestBytes = 64 * 1024;

export class NameJournal {
  readonly names: Names;
  #file: SyncFile;
  #other: SyncFile;
  #generation: number;
  #end: number;
  /** It is written anew beyond this size. */
  #limit: number;
  #isFlushed = true;

  private constructor(file: SyncFile, other: SyncFile, { names, generation, end }: Journal) {
    this.names = names;
    this.#file = file;
    this.#other = other;
    this.#generation = generation;
    this.#end = end;
    this.#limit = Math.max(shortestBytes, 4 * end);
  }

  /** Goes on where the later of two files ends; begins one when there is none. */
  static open(files: readonly [SyncFile, SyncFile]): NameJournal {
    const [one, other] = files.map(read);
    const isOther = (other?.generation ?? 0) > (one?.generation ?? 0);
    const later = isOther ? other : one;
    // What comes after a torn record must not count again behind a new one in its place.
    if (later !== undefined) files[isOther ? 1 : 0].truncate(later.end);
    const journal = new NameJournal(files[isOther ? 1 : 0], files[isOther ? 0 : 1], later ?? nothing());
    if (later === undefined) journal.#writeAnew();
    return journal;
  }

  /** Makes a change, and notes it; it is durable after the next flush. Returns the files that have no name any more. */
  change(change: NameChange): number[] {
    this.names.check(change);
    const bytes = framed(change);
    ordered('write', 'the names', () => writeAll(this.#file, bytes, this.#end));
    this.#end += bytes.length;
    this.#isFlushed = false;
    const gone = this.names.apply(change);
    if (this.#end > this.#limit) this.#writeAnew();
    return gone;
  }

  flush(): void {
    if (this.#isFlushed) return;
    ordered('sync', 'the names', () => this.#file.flush());
    this.#isFlushed = true;
  }

  #writeAnew(): void {
    const opening: Opening = ['journal', this.#generation + 1];
    const parts = [opening, ...this.names.changes()].map(framed);
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const part of parts) {
      whole.set(part, end);
      end += part.length;
    }
    ordered('write', 'the names', () => {
      this.#other.truncate(0);
      writeAll(this.#other, whole, 0);
      this.#other.flush();
    });
    [this.#file, this.#other] = [this.#other, this.#file];
    this.#generation += 1;
    this.#end = end;
    this.#limit = Math.max(shortestBytes, 4 * end);
    this.#isFlushed = true;
  }
}

interface Journal {
  readonly names: Names;
  readonly generation: number;
  readonly end: number;
}

function nothing(): Journal {
  return { names: new Names(), generation: 0, end: 0 };
}

/** Undefined when it has no whole opening: it was never begun, or not to its end. */
function read(file: SyncFile): Journal | undefined {
  const bytes = new Uint8Array(file.getSize());
  readAt(file, 0, bytes);
  const names = new Names();
  let generation: number | undefined;
  let end = 0;
  for (const [record, next] of recordsIn(bytes)) {
    if (record[0] === 'journal') generation = record[1];
    else if (generation !== undefined) names.apply(record);
    end = next;
  }
  return generation === undefined ? undefined : { names, generation, end };
}

/** Each record that is whole, with where it ends; what comes after one that is not was never durable. */
function* recordsIn(bytes: Uint8Array): Generator<[Opening | NameChange, number], void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + headBytes <= bytes.length) {
    const end = at + headBytes + view.getUint32(at);
    if (end > bytes.length || crc32c(bytes, at + headBytes, end) !== view.getUint32(at + 4)) return;
    yield [JSON.parse(new TextDecoder().decode(bytes.subarray(at + headBytes, end))), end];
    at = end;
  }
}

function framed(record: Opening | NameChange): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(record));
  const bytes = new Uint8Array(headBytes + text.length);
  bytes.set(text, headBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, text.length);
  view.setUint32(4, crc32c(bytes, headBytes, bytes.length));
  return bytes;
}
