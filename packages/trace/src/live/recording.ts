// All that was told since watching began, to go back to: a picture from time to time, and the messages between.

import type { LiveMessage } from './messages.ts';
import { factsIn } from './parts.ts';
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
  /** So many facts are kept: one message may tell of ten thousand replicas. */
  readonly maxFacts: number;
  /** So many facts lie between two pictures at least; and as many as a picture has itself, so that pictures weigh no more than messages. */
  readonly pictureEvery: number;
}

/** The picture before the message at a position. */
interface Picture {
  readonly position: number;
  readonly world: World;
}

export class Recording {
  /** The picture of now. */
  readonly now = new World();
  private readonly options: RecordingOptions;
  private readonly heard: Heard[] = [];
  private readonly pictures: Picture[] = [];
  private first = 0;
  private facts = 0;
  private factsSincePicture = 0;

  constructor(options: Partial<RecordingOptions> = {}) {
    this.options = { maxMessages: 200_000, maxFacts: 600_000, pictureEvery: 1000, ...options };
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
    if (this.pictures.length === 0 || this.factsSincePicture >= this.factsBetweenPictures) {
      this.pictures.push({ position: this.end, world: this.now.copy() });
      this.factsSincePicture = 0;
    }
    this.now.apply(message, source);
    this.heard.push({ message, source, timeMs: this.now.timeMs });
    const facts = factsIn(message);
    this.facts += facts;
    this.factsSincePicture += facts;
    while (this.heard.length > this.options.maxMessages || this.facts > this.options.maxFacts)
      if (!this.forgetOldest()) break;
  }

  private get factsBetweenPictures(): number {
    return Math.max(this.options.pictureEvery, this.now.size);
  }

  /** What was told before the second picture. */
  private forgetOldest(): boolean {
    const [, next] = this.pictures;
    if (next === undefined) return false;
    for (const { message } of this.heard.splice(0, next.position - this.first))
      this.facts -= factsIn(message);
    this.pictures.shift();
    this.first = next.position;
    return true;
  }

  /** The picture after all messages before `position`; a copy of the caller's own. */
  at(position: number): World {
    const end = Math.min(Math.max(position, this.first), this.end);
    if (end === this.end) return this.now.copy();
    const picture = this.pictures.findLast((one) => one.position <= end);
    const world = (picture?.world ?? new World()).copy();
    for (let at = picture?.position ?? this.first; at < end; at++) {
      const heard = this.heardAt(at);
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
