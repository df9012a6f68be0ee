// The one store of the page: it takes in what a source tells, keeps the moments, and gives out what is to be seen, once for each frame
// that is drawn. Which source and which moment is decided by the machine.

import { type ActorLooked, type LiveMessage, Recording, type ViewerRequest, World } from '@odradek/trace';
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { type ActorRefFrom, createActor, type SnapshotFrom } from 'xstate';
import type { SourceListener, ViewSource } from '../sources/view-source.ts';
import { consoleMachine } from './console.machine.ts';
import { tellOfConsole } from './own-story.ts';

export type ConsoleSnapshot = SnapshotFrom<typeof consoleMachine>;

/** What is to be drawn. A new object for every frame in which something has changed; the worlds in it are not to be changed. */
export interface View {
  readonly world: World;
  /** The time of the moment by the clock of what is seen; while it is replayed, between two messages. */
  readonly timeMs: number;
  /** The moment: a position between `start` and `end` of what is remembered. */
  readonly position: number;
  readonly start: number;
  readonly end: number;
  /** Whether the moment is now, as far as has been told. */
  readonly isNow: boolean;
  /** Whether somebody tells how it is now. At a moment that has been it is so: what is seen was told then. */
  readonly isConnected: boolean;
  /** The moment that this one is compared with. */
  readonly other: { readonly world: World; readonly position: number } | undefined;
}

/** How frames are waited for: the browser's, or a test's. */
export interface Frames {
  request(callback: (timeMs: number) => void): void;
}

const browserFrames: Frames = { request: (callback) => void requestAnimationFrame(callback) };

export class Console {
  readonly view: ReadonlySignal<View>;
  readonly state: ReadonlySignal<ConsoleSnapshot>;
  /** This page's own machine, seen as others are. */
  readonly own: ReadonlySignal<World>;
  readonly #view: Signal<View>;
  readonly #state: Signal<ConsoleSnapshot>;
  readonly #own: Signal<World>;
  readonly #ownNow = new World();
  readonly #frames: Frames;
  readonly actor: ActorRefFrom<typeof consoleMachine>;
  source: ViewSource | undefined;
  recording = new Recording();
  #isFrameAsked = false;
  #lastFrameMs: number | undefined;
  /** The time that replaying has come to; it lies between two messages. */
  #replayMs: number | undefined;
  #shown: { readonly position: number; readonly world: World } | undefined;
  #other: { readonly position: number; readonly world: World } | undefined;
  #asked = 0;
  readonly #waiting = new Map<number, (answer: ActorLooked) => void>();
  /** What is wanted of tellers, to be said again to one that comes back. */
  #wanted: ViewerRequest = { ask: 'watch', machines: 'all', everyMs: 50 };

  constructor(frames: Frames = browserFrames) {
    this.#frames = frames;
    this.actor = createActor(consoleMachine, {
      inspect: tellOfConsole(this.#ownNow, () => this.#ask()),
    });
    this.#state = signal(this.actor.getSnapshot());
    this.#own = signal(this.#ownNow);
    this.#view = signal(this.#viewNow());
    this.view = this.#view;
    this.state = this.#state;
    this.own = this.#own;
    this.actor.subscribe(() => this.#ask());
    this.actor.start();
  }

  /** Looks at another source; what was seen before is forgotten. */
  open(source: ViewSource): void {
    this.source?.close();
    this.source = source;
    this.#forget();
    this.actor.send({ type: 'source chosen', about: source.about, kind: source.kind });
    source.open(this.#listener(source));
    source.ask(this.#wanted);
  }

  close(): void {
    this.source?.close();
    this.source = undefined;
    this.#forget();
    this.actor.send({ type: 'source closed' });
  }

  /** Which steps are wanted one by one. */
  want(machines: readonly string[] | 'all', everyMs: number): void {
    this.#wanted = { ask: 'watch', machines, everyMs };
    this.source?.ask(this.#wanted);
  }

  /** Asks for the values of an actor, as they are now. */
  look(path: string): Promise<ActorLooked> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.source?.ask({ ask: 'look', id, path });
    });
  }

  /** Stays at the moment that is seen. */
  pause(): void {
    this.actor.send({ type: 'pause', position: this.#view.value.position });
  }

  goTo(position: number): void {
    this.actor.send({ type: 'go to', position: this.#within(position) });
  }

  /** One message on, or back. */
  step(by: number): void {
    this.goTo(this.#view.value.position + by);
  }

  play(): void {
    this.#replayMs = undefined;
    const { position, end } = this.#view.value;
    // At the end there is nothing to play: it begins anew.
    if (position >= end && !this.#isFollowing())
      this.actor.send({ type: 'go to', position: this.recording.start });
    this.actor.send({ type: 'play' });
  }

  follow(): void {
    this.actor.send({ type: 'follow' });
  }

  /** What was done from this page, as a sentence of the story: who looks back finds when. */
  note(text: string): void {
    const { timeMs } = this.recording.now;
    this.recording.add({ kind: 'said', timeMs, level: 'info', actor: 'this page', event: 'order', text });
    this.#ask();
  }

  compareWith(position: number | null): void {
    this.actor.send({ type: 'compare', position });
  }

  changeSpeed(speed: number): void {
    this.actor.send({ type: 'change speed', speed });
  }

  #forget(): void {
    this.recording = new Recording();
    this.#shown = undefined;
    this.#other = undefined;
  }

  #listener(source: ViewSource): SourceListener {
    const ifCurrent =
      <Given extends unknown[]>(then: (...given: Given) => void) =>
      (...given: Given): void => {
        if (this.source === source) then(...given);
      };
    return {
      opened: ifCurrent(() => this.actor.send({ type: 'source opened' })),
      told: ifCurrent((messages: readonly LiveMessage[], teller: string) => {
        for (const message of messages) this.recording.add(message, teller);
        this.#ask();
      }),
      answered: ifCurrent((answer: ActorLooked) => {
        this.#waiting.get(answer.id)?.(answer);
        this.#waiting.delete(answer.id);
      }),
      ticked: ifCurrent(() => this.#ask()),
      completed: ifCurrent((at?: number) =>
        this.actor.send({ type: 'source completed', position: at ?? this.recording.end }),
      ),
      lost: ifCurrent((reason: string) => this.actor.send({ type: 'source lost', reason })),
      failed: ifCurrent((reason: string) => this.actor.send({ type: 'source failed', reason })),
    };
  }

  #ask(): void {
    if (this.#isFrameAsked) return;
    this.#isFrameAsked = true;
    this.#frames.request((timeMs) => this.#draw(timeMs));
  }

  #draw(timeMs: number): void {
    this.#isFrameAsked = false;
    const snapshot = this.actor.getSnapshot();
    if (snapshot.value.time === 'replaying') this.#replay(timeMs, snapshot.context);
    else {
      this.#lastFrameMs = undefined;
      this.#replayMs = undefined;
    }
    this.#state.value = this.actor.getSnapshot();
    this.#view.value = this.#viewNow();
    this.#own.value = this.#ownNow.copy();
  }

  #replay(timeMs: number, { position, speed }: ConsoleSnapshot['context']): void {
    const passedMs = timeMs - (this.#lastFrameMs ?? timeMs);
    this.#lastFrameMs = timeMs;
    this.#replayMs = (this.#replayMs ?? this.recording.timeAt(position)) + passedMs * speed;
    const reached = Math.max(position, this.recording.positionAt(this.#replayMs));
    this.actor.send({
      type: 'time passed',
      position: reached,
      isLast: reached >= this.recording.end,
    });
    if (this.actor.getSnapshot().value.time === 'replaying') this.#ask();
  }

  #viewNow(): View {
    const { recording } = this;
    const { start, end } = recording;
    const { context, value } = this.actor.getSnapshot();
    const position = this.#isFollowing() ? end : this.#within(context.position);
    const world = position === end ? recording.now : this.#at(position);
    const nowMs = this.#isFollowing() ? this.source?.timeMs?.() : undefined;
    return {
      world,
      timeMs: this.#replayMs ?? nowMs ?? world.timeMs,
      position,
      start,
      end,
      isNow: position === end,
      isConnected: position !== end || value.source !== 'disconnected',
      other: this.#otherAt(context.other),
    };
  }

  #at(position: number): World {
    if (this.#shown?.position !== position) this.#shown = { position, world: this.recording.at(position) };
    return this.#shown.world;
  }

  #otherAt(position: number | null): View['other'] {
    if (position === null) this.#other = undefined;
    else if (this.#other?.position !== position)
      this.#other = { position, world: this.recording.at(position) };
    return this.#other;
  }

  #within(position: number): number {
    return Math.min(Math.max(position, this.recording.start), this.recording.end);
  }

  #isFollowing(): boolean {
    return this.actor.getSnapshot().value.time === 'following';
  }
}
