// The cluster in the tab: the nodes that ship, on virtual time that is paced against ours. It plays a scene, stops where the scene says,
// takes orders at any time, and tells what a running cluster tells.

import { type ClientRequest, partitionsOf } from '@odradek/model';
import {
  beginSchedule,
  ClusterWorld,
  PacedPlay,
  parseScheduleFile,
  ScheduleError,
  SimulationFailure,
  worldOf,
} from '@odradek/simulator';
import type { ActorLooked, LiveMessage } from '@odradek/trace';
import type { Scene } from '../scenes/scene.ts';
import { scheduleOf } from '../scenes/schedule-of.ts';
import { OrderError, outcomeOf, statementsFor, type TabOrder } from './orders.ts';
import type { Pace, SceneState, TabReply, TabState } from './tab-messages.ts';

/** The cluster to play with: three brokers, which are the voters too, and a topic. */
const freeWorld = 'world cluster brokers=3 seed=1\ntick 0 ms';
const freeTopic = 'topic laser 3 3 min.insync.replicas=2; until led laser-2 within 10000 ms; run 200 ms';

/** Slow enough to see who asks whom, fast enough to see an election. */
const defaultSpeed = 0.2;
const loadEveryMs = 250;
/** So much of the cluster's time passes before it is asked again whether there is time left to compute in. */
const sliceMs = 5;

/** What a client may ask that changes nothing: a scene need not be left for it. */
const looking = new Set(['metadata', 'fetch', 'listOffsets', 'offsetForLeaderEpoch']);

export class TabCluster {
  readonly #world: ClusterWorld;
  readonly #play: PacedPlay;
  readonly #scene: Scene | undefined;
  #told: LiveMessage[] = [];
  #pace: Pace;
  #moment = 0;
  #isPlaying = false;
  #sinceMs = 0;
  #isLeft = false;
  #broken: string | undefined;
  #isLoaded = false;
  #loads = 0;
  /** The cluster's time, to the fraction; the world itself goes in whole milliseconds, so that what is done by hand happens at one. */
  #clockMs: number;

  constructor(scene?: Scene) {
    this.#scene = scene;
    const { header } = scene === undefined ? parseScheduleFile('tab', freeWorld) : scheduleOf(scene);
    const tell = (message: LiveMessage): void => {
      this.#told.push(message);
    };
    const about = scene?.title ?? 'a cluster inside this tab';
    const world = worldOf(header, { telling: { tell, about, allowed: ['break', 'administer'] } });
    if (!(world instanceof ClusterWorld)) throw new Error(`The scene ${scene?.id ?? ''} is of no cluster.`);
    this.#world = world;
    this.#play = new PacedPlay(world);
    beginSchedule(world);
    world.play(scene?.moments[0]?.play ?? freeTopic);
    this.#clockMs = world.time.nowMs;
    this.#pace = { speed: defaultSpeed, isPaused: scene !== undefined };
    if (scene === undefined) this.#load(true);
  }

  get state(): TabState {
    const { isPaused, speed } = this.#pace;
    return {
      ...{ isPaused, speed, nowMs: this.#clockMs, wallMs: this.#world.time.wallMs },
      scene: this.#sceneState,
      broken: this.#broken,
      isLoaded: this.#isLoaded,
    };
  }

  get #sceneState(): SceneState | undefined {
    if (this.#scene === undefined || this.#isLeft) return undefined;
    const { id } = this.#scene;
    return { id, moment: this.#moment, sinceMs: this.#sinceMs, isPlaying: this.#isPlaying };
  }

  /** What was told since this was asked last. */
  take(): readonly LiveMessage[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** So much of our time has passed. `mayGoOn` says whether there is still time to compute in; what there is not is forgotten. */
  pass(ourMs: number, mayGoOn: () => boolean = () => true): void {
    if (this.#broken !== undefined) return;
    const untilMs = this.#clockMs + ourMs * this.#pace.speed;
    this.#guarded(() => {
      while (this.#clockMs < untilMs && this.#isMoving && mayGoOn())
        this.#advanceTo(Math.min(untilMs, this.#clockMs + sliceMs));
    });
  }

  pace(pace: Partial<Pace>): void {
    this.#pace = { ...this.#pace, ...pace };
    // Who lets the time go on while a scene waits leaves it.
    if (pace.isPaused === false && this.#sceneState !== undefined && !this.#isPlaying) this.leave();
  }

  /** The next event, whenever it is due. */
  step(): void {
    if (this.#broken !== undefined) return;
    this.#pace = { ...this.#pace, isPaused: true };
    const due = this.#world.time.nextDueMs;
    if (due !== undefined) this.#guarded(() => this.#advanceTo(due));
  }

  /** Plays the scene to its next moment. */
  next(): void {
    const moment = this.#scene?.moments[this.#moment + 1];
    if (this.#sceneState === undefined || this.#isPlaying || moment === undefined) return;
    this.#moment += 1;
    this.#isPlaying = true;
    this.#sinceMs = this.#world.time.nowMs;
    this.#pace = { speed: moment.speed ?? 1, isPaused: false };
    this.#play.add(moment.play);
  }

  /** From here on the cluster is the visitor's. */
  leave(): void {
    if (this.#sceneState === undefined) return;
    this.#isLeft = true;
    this.#isPlaying = false;
    this.#play.clear();
    this.#pace = { speed: defaultSpeed, isPaused: false };
  }

  /** Carries out what somebody does by hand. Throws an {@link OrderError} that says why it cannot be done. */
  order(order: TabOrder): string {
    if (this.#broken !== undefined)
      throw new OrderError('A promise was broken; this cluster goes on no more.');
    if (order.do === 'load') this.#load(order.isOn);
    else {
      const statements = statementsFor(
        order,
        this.#world.nodes.map(({ id }) => id),
      );
      this.#checkNodes(order);
      this.leave();
      this.#obey(statements);
    }
    this.#pace = { ...this.#pace, isPaused: false };
    return outcomeOf(order);
  }

  look(id: number, path: string): ActorLooked {
    return this.#world.telling?.lookAt(id, path) ?? { answer: 'look', id, path };
  }

  /** A client of the page asks a node; what changes something ends the scene. */
  ask(node: number, request: ClientRequest, timeoutMs: number, done: (reply: TabReply) => void): void {
    if (!looking.has(request.api) && !request.api.startsWith('describe')) {
      this.leave();
      this.#pace = { ...this.#pace, isPaused: false };
    }
    const { api } = request;
    this.#world.doors.ask(node, request, timeoutMs, (reply) => {
      if (reply.outcome === 'answered') done({ outcome: 'answered', api, response: reply.response });
      else if (reply.outcome === 'not sent')
        done({ outcome: 'failed', reason: 'refused', detail: `node ${node} does not run` });
      else
        done({
          outcome: 'failed',
          reason: 'disconnected',
          detail: `node ${node} did not answer; it may have done it`,
        });
    });
  }

  get #isMoving(): boolean {
    if (this.#pace.isPaused) return false;
    return this.#sceneState === undefined || this.#isPlaying;
  }

  #advanceTo(toMs: number): void {
    const ms = Math.floor(toMs) - this.#world.time.nowMs;
    this.#clockMs = toMs;
    if (!this.#isPlaying) {
      if (ms > 0) this.#world.run(ms);
    } else if (this.#play.advance(Math.max(0, ms))) {
      this.#isPlaying = false;
      this.#clockMs = this.#world.time.nowMs;
      this.#pace = { ...this.#pace, isPaused: true };
    }
  }

  #obey(statements: string): void {
    try {
      this.#guarded(() => this.#world.play(statements));
    } catch (error) {
      if (error instanceof ScheduleError) throw new OrderError(error.message);
      throw error;
    }
  }

  /** Before anything is done: who is dead cannot be killed, who runs not started. */
  #checkNodes(order: TabOrder): void {
    if (!('nodes' in order)) return;
    const ids = this.#world.nodes.map(({ id }) => id);
    for (const id of order.nodes) {
      if (!ids.includes(id)) throw new OrderError(`There is no node ${id}. There are: ${ids.join(', ')}.`);
      const { process: life } = this.#world.node(id);
      const isRunning = life !== undefined;
      if (order.do === 'start' && isRunning) throw new OrderError(`Node ${id} runs already.`);
      if (order.do !== 'start' && !isRunning) throw new OrderError(`Node ${id} does not run.`);
      if (order.do === 'resume' && life?.isPaused !== true) throw new OrderError(`Node ${id} is not paused.`);
    }
  }

  /** A record now and then, so that something is to be seen. */
  #load(isOn: boolean): void {
    if (isOn === this.#isLoaded) return;
    this.#isLoaded = isOn;
    const load = ++this.#loads;
    let sent = 0;
    const send = (): void => {
      if (!this.#isLoaded || load !== this.#loads) return;
      const { image } = this.#world;
      const places = image === undefined ? [] : [...partitionsOf(image)];
      const place = places[sent % places.length];
      sent += 1;
      this.#world.clock.setTimeout(send, loadEveryMs);
      if (place === undefined) return;
      const partition = `${place.topic.name}-${place.partition}`;
      const writer = { client: 'visitor', partition, acks: 'all', padding: 0, isTold: false } as const;
      // What waits for a leader waits in the log's own client; no more than a few.
      const { queue } = this.#world.clients.writer(writer);
      if (queue.length < 3) queue.push(`record-${load}-${sent}`);
    };
    send();
  }

  /** A broken promise stops the world, and is told; anything else is a bug. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof SimulationFailure)) throw error;
      this.#broken = error.message.split('\n')[0] ?? error.message;
    }
  }
}
