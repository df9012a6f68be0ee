// All that was told since watching began, to go back to: a picture from time to time, and the messages between.

import type { LiveMessage } from './messages.ts';
import { World } from './world.ts';

/** A message with who told it, and the picture's time then. */
export interface Heard {
  readonly message: LiveMessage;
  readonly source: string;
  readonly timeMs: number;
}

export interface RecordingOptions {
  /** So many messages are kept; older ones are forgotten in pieces. */
  readonly maxMessages: number;
  /** So many messages lie between two pictures. */
  readonly pictureEvery: number;
}

export class Recording {
  /** The picture of now. */
  readonly now = new World();
  private readonly options: RecordingOptions;
  private readonly heard: Heard[] = [];
  /** The picture before the message at `first + n * pictureEvery`. */
  private readonly pictures: World[] = [];
  private first = 0;

  constructor(options: Partial<RecordingOptions> = {}) {
    this.options = { maxMessages: 200_000, pictureEvery: 1000, ...options };
  }

  /** The position of the earliest moment that is remembered. */
  get start(): number {
    return this.first;
  }

  /** The position after the last message. */
  get end(): number {
    return this.first + this.heard.length;
  }

  add(message: LiveMessage, source = ''): void {
    const { maxMessages, pictureEvery } = this.options;
    if (this.heard.length % pictureEvery === 0) this.pictures.push(this.now.copy());
    this.now.apply(message, source);
    this.heard.push({ message, source, timeMs: this.now.timeMs });
    if (this.heard.length <= maxMessages || this.pictures.length < 2) return;
    this.heard.splice(0, pictureEvery);
    this.pictures.shift();
    this.first += pictureEvery;
  }

  /** The picture after all messages before `position`; a copy of the caller's own. */
  at(position: number): World {
    const end = Math.min(Math.max(position, this.first), this.end);
    if (end === this.end) return this.now.copy();
    const nth = Math.floor((end - this.first) / this.options.pictureEvery);
    const world = (this.pictures[nth] ?? new World()).copy();
    for (let at = nth * this.options.pictureEvery; at < end - this.first; at++) {
      const heard = this.heard[at];
      if (heard !== undefined) world.apply(heard.message, heard.source);
    }
    return world;
  }

  /** The message at a position, with who told it. */
  heardAt(position: number): Heard | undefined {
    return this.heard[position - this.first];
  }

  /** The message at a position. */
  messageAt(position: number): LiveMessage | undefined {
    return this.heardAt(position)?.message;
  }

  /** The position after the last message that was told at or before a time. */
  positionAt(timeMs: number): number {
    let low = 0;
    let high = this.heard.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.heard[middle]?.timeMs ?? 0) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return this.first + low;
  }

  /** The time of the message before a position. */
  timeAt(position: number): number {
    return this.heard[position - this.first - 1]?.timeMs ?? this.heard[0]?.timeMs ?? 0;
  }
}
