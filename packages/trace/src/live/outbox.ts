// What waits to be sent to one viewer, and what was sent last. It is bounded: a viewer that does not keep up loses single messages and
// is told so, and gets the whole picture as it is then; edges that were counted stay exact.

import { LiveEncoder, type Streamed } from './codec.ts';
import { type CountsTold, edgeKey, type StepTold } from './messages.ts';
import { factsIn, mostFacts } from './parts.ts';

export interface OutboxOptions {
  readonly nowMs: () => number;
  /** Adds everything as it is now, see `Viewer.tellAll`. */
  readonly tellAll: () => void;
  /** So many messages wait before single ones are given up. */
  readonly maxWaiting?: number;
  /** So many bytes of frames are remembered, for a viewer whose connection broke. */
  readonly maxRememberedBytes?: number;
}

const defaults = { maxWaiting: 5000, maxRememberedBytes: 2 * 1024 * 1024 };

/** So many sentences and answers survive when others are given up. */
const mostKept = 200;

export class Outbox {
  /** Whether the last frame was not all that waited. */
  hasRest = false;
  private readonly options: OutboxOptions & typeof defaults;
  private readonly encoder = new LiveEncoder();
  private waiting: Streamed[] = [];
  private remembered: Uint8Array[] = [];
  private rememberedBytes = 0;
  /** While messages are given up. */
  private gaveUp: GivenUp | undefined;

  constructor(options: OutboxOptions) {
    this.options = { ...defaults, ...options };
  }

  /** The sequence number of the last frame. */
  get last(): number {
    return this.encoder.last;
  }

  add(message: Streamed): void {
    if (this.gaveUp !== undefined) {
      this.gaveUp.add(message);
      return;
    }
    this.waiting.push(message);
    if (this.waiting.length > this.options.maxWaiting) this.giveUp();
  }

  /** What waits, as one frame, or as much of it as a viewer reads without being held up; undefined: nothing waits. */
  take(): Uint8Array | undefined {
    if (this.gaveUp !== undefined) this.catchUp(this.gaveUp);
    if (this.waiting.length === 0) return undefined;
    const frame = this.encoder.encode(this.waiting.splice(0, this.countForFrame()));
    this.hasRest = this.waiting.length > 0;
    this.remember(frame);
    return frame;
  }

  /** The frames after that number, in order; undefined when they are not remembered any more. */
  since(sequence: number): readonly Uint8Array[] | undefined {
    const missing = this.encoder.last - sequence;
    if (missing < 0 || missing > this.remembered.length) return undefined;
    return missing === 0 ? [] : this.remembered.slice(-missing);
  }

  private countForFrame(): number {
    let facts = 0;
    const over = this.waiting.findIndex((message) => {
      facts += 'answer' in message ? 1 : factsIn(message);
      return facts > mostFacts;
    });
    return over < 0 ? this.waiting.length : Math.max(1, over);
  }

  private giveUp(): void {
    const gaveUp = new GivenUp();
    for (const message of this.waiting) gaveUp.add(message);
    this.waiting = [];
    this.gaveUp = gaveUp;
  }

  private catchUp({ messages, kept, counts }: GivenUp): void {
    this.gaveUp = undefined;
    const timeMs = this.options.nowMs();
    this.waiting.push({ kind: 'missed', timeMs, messages });
    // Before the picture: it says in which states the actors are.
    for (const [machine, edges] of counts)
      this.waiting.push({ kind: 'counts', timeMs, machine, edges: [...edges], states: [] });
    this.options.tellAll();
    this.waiting.push(...kept);
  }

  private remember(frame: Uint8Array): void {
    this.remembered.push(frame);
    this.rememberedBytes += frame.length;
    while (this.rememberedBytes > this.options.maxRememberedBytes) {
      const oldest = this.remembered.shift();
      this.rememberedBytes -= oldest?.length ?? this.rememberedBytes;
    }
  }
}

/** What is left of messages that are not sent. */
class GivenUp {
  messages = 0;
  /** Sentences and answers. */
  readonly kept: Streamed[] = [];
  /** How often each edge was taken, by machine. */
  readonly counts = new Map<string, Map<string, number>>();

  add(message: Streamed): void {
    if ('answer' in message || message.kind === 'said') {
      this.kept.push(message);
      if (this.kept.length <= mostKept) return;
      this.kept.shift();
    }
    this.messages += 1;
    if ('answer' in message) return;
    if (message.kind === 'step') this.count(message.machine, edgesOf(message));
    else if (message.kind === 'counts') this.count(message.machine, message.edges);
  }

  private count(machine: string, edges: CountsTold['edges']): void {
    const known = this.counts.get(machine) ?? new Map<string, number>();
    this.counts.set(machine, known);
    for (const [key, taken] of edges) known.set(key, (known.get(key) ?? 0) + taken);
  }
}

function edgesOf({ event, edges }: StepTold): CountsTold['edges'] {
  return edges.map((edge) => [edgeKey(event, edge), 1]);
}
