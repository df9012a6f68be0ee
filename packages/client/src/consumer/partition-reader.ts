// One partition being read: its place, what is fetched ahead, and the machine that governs it.

import {
  type BatchView,
  type Checksum,
  FormatError,
  joinedBytes,
  type LogRecord,
  walkBatches,
} from '@odradek/format';
import { type ClientResponse, type Compute, mostInflatedBytes, type RecordBytes } from '@odradek/model';
import type { Actor } from 'xstate';
import type { Cluster } from '../cluster/cluster.ts';
import { epochInRequest } from '../cluster/cluster-image.ts';
import { errorNamed, LogTruncated, OdradekError, TopicRecreated } from '../errors.ts';
import { startMachine } from '../machine/machine-room.ts';
import { type Doubt, LeaderDoubt } from './leader-doubt.ts';
import { isTransient, lookUp, type PositionWanted, unknownPartition } from './offset-lookup.ts';
import { positionMachine } from './position.machine.ts';
import { type BatchFault, type FetchedBatch, ReadAhead } from './read-ahead.ts';

export interface ReaderOrders {
  /** Fetches may go. */
  pump(): void;
  /** Records, or an error, can be handed out. */
  ready(): void;
  /** The app asked for a reset, and there is reason for it. */
  reset(what: PositionReset): void;
}

/** From an offset that the log does not have to where `offsetReset` says. */
export interface PositionReset extends Doubt {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly to: 'earliest' | 'latest';
}

export interface ReaderSettings {
  readonly offsetReset: 'none' | 'earliest' | 'latest';
  readonly inflate: Compute['inflate'];
  readonly checksum: Checksum | undefined;
}

export type PartitionAnswer = ClientResponse<'fetch'>['partitions'][number];

/** A topic that is not known for so long does not exist. */
const UNKNOWN_TOPIC_PATIENCE_MS = 3000;

export class PartitionReader {
  readonly topic: string;
  readonly partition: number;
  readonly #cluster: Cluster;
  readonly #settings: ReaderSettings;
  readonly #orders: ReaderOrders;
  readonly #machine: Actor<typeof positionMachine>;
  #wanted: PositionWanted;
  #ahead: ReadAhead | undefined;
  #isInFlight = false;
  /** Counts positions: the answer to a fetch from before a seek is not taken (M7). */
  #version = 0;
  #error: OdradekError | undefined;
  #missingSinceMs: number | undefined;
  #leader = -1;
  #leaderEpoch = -1;
  readonly #doubt: LeaderDoubt;

  constructor(
    name: string,
    cluster: Cluster,
    place: { readonly topic: string; readonly partition: number; readonly from: PositionWanted },
    settings: ReaderSettings,
    orders: ReaderOrders,
  ) {
    this.topic = place.topic;
    this.partition = place.partition;
    this.#cluster = cluster;
    this.#settings = settings;
    this.#orders = orders;
    this.#doubt = new LeaderDoubt(cluster, place.topic, place.partition);
    this.#wanted = place.from;
    this.#goTo(place.from);
    const host = this.#host();
    this.#machine = startMachine(cluster.room, positionMachine, `${name}/${this.#about}`, { host });
  }

  get #about(): string {
    return `${this.topic}-${this.partition}`;
  }

  get position(): number | undefined {
    return this.#ahead?.position;
  }

  get bufferedBytes(): number {
    return this.#ahead?.bufferedBytes ?? 0;
  }

  get isReady(): boolean {
    return this.#error !== undefined || this.#ahead?.isReady === true;
  }

  /** Where to fetch from, and whom to ask; undefined when it is not this partition's turn. */
  toFetch(maxBytes: number) {
    if (this.#isInFlight || this.#ahead === undefined || this.bufferedBytes >= maxBytes) return undefined;
    if (this.#machine.getSnapshot().value !== 'fetching') return undefined;
    const topic = this.#cluster.topic(this.topic);
    const leader = topic?.partitions[this.partition];
    if (topic === undefined || leader === undefined || leader.leader < 0) {
      this.#leaderless();
      return undefined;
    }
    return {
      leader: leader.leader,
      version: this.#version,
      request: {
        topicId: topic.topicId,
        partition: this.partition,
        leaderEpoch: epochInRequest(leader),
        fetchOffset: this.#ahead.fetchOffset,
        lastFetchedEpoch: this.#ahead.lastFetchedEpoch,
        maxBytes,
      },
    };
  }

  fetchSent({
    leader,
    request,
  }: {
    leader: number;
    request: { readonly topicId: string; readonly leaderEpoch: number };
  }): void {
    this.#isInFlight = true;
    const { topicId, leaderEpoch } = request;
    this.#doubt.ask({ topicId, leader, leaderEpoch });
  }

  /** The leader's answer to a fetch for `version`; undefined when none came. */
  fetched(version: number, answer: PartitionAnswer | undefined): void {
    this.#isInFlight = false;
    if (version !== this.#version || this.#ahead === undefined) return;
    if (answer === undefined) this.#machine.send({ type: 'leader lost' });
    else if (this.#isOfAnotherTopic(answer)) this.#recreated(this.#ahead.position, answer);
    else if (answer.error !== 'NONE') this.#refused(answer);
    else if (answer.diverging !== null) this.#diverged(this.#ahead.divergesAt(answer.diverging));
    else this.#take(answer.records);
  }

  /** The records that are due next; empty when none are, after all. Throws what the app must be told. */
  take(): readonly LogRecord[] {
    if (this.#error !== undefined) throw this.#error;
    try {
      return this.#ahead?.take() ?? [];
    } catch (error) {
      if (!(error instanceof FormatError) && !(error instanceof OdradekError)) throw error;
      const { code, hint } =
        error instanceof OdradekError ? error : { code: 'CORRUPT_MESSAGE' as const, hint: undefined };
      this.#stop(new OdradekError(code, `${this.#about}: ${error.message}`, { hint, cause: error }));
      throw this.#error ?? error;
    }
  }

  seek(wanted: PositionWanted): void {
    // Who was told of the new topic means it; who was not, and names an offset, may mean a record of the one that is gone.
    if (this.#error instanceof TopicRecreated) this.#doubt.topicId = undefined;
    this.#goTo(wanted);
    this.#machine.send({ type: 'seek' });
  }

  /** Metadata has changed: if it names another leader than before, there is reason to try it at once. */
  metadataChanged(): void {
    const known = this.#cluster.leaderOf(this.topic, this.partition);
    const isLed = known !== undefined && known.leader >= 0;
    if (!isLed || (known.leader === this.#leader && known.leaderEpoch === this.#leaderEpoch)) {
      if (this.#machine.getSnapshot().value === 'backing off')
        this.#machine.send({ type: 'leader unchanged' });
      return;
    }
    this.#leader = known.leader;
    this.#leaderEpoch = known.leaderEpoch;
    this.#missingSinceMs = undefined;
    this.#machine.send({ type: 'leader changed' });
  }

  close(): void {
    this.#version += 1;
    this.#machine.send({ type: 'close' });
  }

  #goTo(wanted: PositionWanted): void {
    this.#version += 1;
    this.#wanted = wanted;
    this.#error = undefined;
    this.#missingSinceMs = undefined;
    this.#doubt.end();
    const isOffset = typeof wanted === 'number' && wanted >= 0;
    this.#ahead = isOffset ? new ReadAhead(wanted, -1) : undefined;
    if (!isOffset) this.#doubt.topicId = undefined;
  }

  #stop(error: OdradekError): void {
    this.#error = error;
    this.#machine.send({ type: 'refused' });
  }

  /** Waits for a leader; not for ever for a topic that does not exist. */
  #leaderless(): void {
    const { error, isAboutLeader } = unknownPartition(this.#cluster, this.topic, this.partition);
    if (isAboutLeader && !this.#isMissingForLong(error)) this.#machine.send({ type: 'leader lost' });
    else this.#stop(error);
  }

  #isMissingForLong(error: OdradekError): boolean {
    if (error.code !== 'UNKNOWN_TOPIC_OR_PARTITION' && error.code !== 'INVALID_TOPIC_EXCEPTION') {
      this.#missingSinceMs = undefined;
      return false;
    }
    const nowMs = this.#cluster.clock.nowMs();
    this.#missingSinceMs ??= nowMs;
    return nowMs - this.#missingSinceMs >= UNKNOWN_TOPIC_PATIENCE_MS;
  }

  #refused(answer: PartitionAnswer): void {
    const error = errorNamed(answer.error, answer.errorMessage, this.#about);
    if (answer.error === 'OFFSET_OUT_OF_RANGE') this.#outOfRange(answer, error);
    else if (isTransient(answer.error)) {
      this.#cluster.hint(this.topic, this.partition, answer.leaderHint);
      if (this.#isMissingForLong(error)) this.#stop(error);
      else this.#machine.send({ type: 'leader lost' });
    } else this.#stop(error);
  }

  /** KIP-516. Whether it was a leader of another topic of this name that has answered. */
  #isOfAnotherTopic({ error }: PartitionAnswer): boolean {
    if (error !== 'NONE' && error !== 'OFFSET_OUT_OF_RANGE') return false;
    const { asked, topicId = asked.topicId } = this.#doubt;
    if (error === 'NONE') this.#doubt.topicId = topicId;
    return topicId !== asked.topicId;
  }

  #recreated(position: number, answer: PartitionAnswer): void {
    this.#doubt.begin({ ...answer, reason: 'topic recreated' });
    const { mayBeDeposed, topicId = '', asked } = this.#doubt;
    if (!mayBeDeposed) this.#error = new TopicRecreated(this, position, topicId, asked.topicId);
    this.#machine.send({ type: 'topic recreated' });
  }

  /** A log that ends before what was read has lost it; one that begins later has only aged. */
  #outOfRange(answer: PartitionAnswer, error: OdradekError): void {
    const { logStartOffset, highWatermark } = answer;
    this.#doubt.begin({ ...answer, reason: 'offset out of range' });
    if (!this.#doubt.mayBeDeposed) {
      const position = this.#ahead?.position ?? 0;
      const hasLost = highWatermark >= 0 && position > highWatermark;
      if (hasLost && (this.#ahead?.lastFetchedEpoch ?? -1) >= 0) {
        this.#diverged(highWatermark);
        return;
      }
      const range = `offset ${position} is not in the log, which has ${logStartOffset} to ${highWatermark}`;
      this.#error = new OdradekError(error.code, `${this.#about}: ${range}`, {
        hint: 'seek elsewhere, or set offsetReset',
      });
    }
    this.#machine.send({ type: 'offset out of range' });
  }

  #askTheOthers(generation: number): void {
    this.#doubt.askTheOthers((isKnown) => {
      // A seek, or the end, may have come first (M7): then the answer is stale.
      const isStale = generation !== this.#machine.getSnapshot().context.generation;
      if (isStale || this.#doubt.current === undefined) return;
      if (!isKnown && this.#doubt.isForLong) this.#error = this.#doubt.unconfirmed(this.#ahead?.position);
      this.#machine.send({ type: isKnown ? 'others have told' : 'others are silent', generation });
    });
  }

  #diverged(offset: number): void {
    const position = this.#ahead?.position ?? 0;
    this.#divergedAt = offset;
    this.#error =
      offset < position ? new LogTruncated(this.topic, this.partition, offset, position) : undefined;
    this.#machine.send({ type: 'log diverged' });
  }

  #divergedAt = 0;

  #take(records: RecordBytes): void {
    const ahead = this.#ahead;
    if (ahead === undefined) return;
    this.#doubt.end();
    if (this.#machine.getSnapshot().context.attempts > 0) this.#machine.send({ type: 'fetched' });
    const [first, ...more] = records;
    if (first === undefined) return;
    const bytes = more.length === 0 ? first : joinedBytes(records);
    const before = ahead.fetchOffset;
    const end = walkBatches(bytes, (view) => this.#add(ahead, view), 0, this.#settings.checksum);
    // A torn last batch is lawful; one that brings nothing forward is damage.
    const isDamage =
      end.fault !== undefined && (end.fault.name !== 'INCOMPLETE' || ahead.fetchOffset === before);
    if (isDamage && end.fault !== undefined)
      this.#stop(
        new OdradekError('CORRUPT_MESSAGE', `${this.#about}, fetched from ${before}: ${end.fault.message}`),
      );
    if (this.isReady) this.#orders.ready();
  }

  #add(ahead: ReadAhead, view: BatchView): void {
    if (view.nextOffset <= ahead.fetchOffset) return;
    const batch: FetchedBatch = { view, section: undefined, fault: undefined };
    ahead.add(batch);
    if (view.codec === 'none') {
      batch.section = view.recordsSection;
      return;
    }
    const most = mostInflatedBytes(view.recordsSection.length);
    this.#settings.inflate(view.codec, view.recordsSection, most, (result) => {
      if (result instanceof Uint8Array) batch.section = result;
      else batch.fault = faultOf(view.codec, result.error, most);
      if (this.isReady) this.#orders.ready();
    });
  }

  #locate(generation: number): void {
    const version = this.#version;
    lookUp(this.#cluster, this.topic, this.partition, this.#wanted, (result) => {
      // A seek, or the end, came first (M7).
      if (version !== this.#version) return;
      if ('error' in result) {
        if (result.isAboutLeader && !this.#isMissingForLong(result.error))
          this.#machine.send({ type: 'leader lost' });
        else this.#stop(result.error);
        return;
      }
      this.#doubt.topicId = result.topicId;
      this.#ahead = new ReadAhead(result.offset, result.epoch);
      this.#machine.send({ type: 'located', generation });
    });
  }

  #host() {
    return {
      locate: (generation: number) => this.#locate(generation),
      resume: () => this.#orders.pump(),
      askForMetadata: () => this.#cluster.refresh(),
      doubtLeader: (generation: number) => this.#askTheOthers(generation),
      mayBeDeposed: () => this.#doubt.mayBeDeposed,
      isDoubtedForLong: () => this.#doubt.isForLong,
      dropReadAhead: () => this.#ahead?.dropFrom(this.#divergedAt),
      resetPosition: () => {
        const { offsetReset: to } = this.#settings;
        if (to === 'none') return;
        const doubt = this.#doubt.current;
        const { topic, partition, position: offset = -1 } = this;
        this.#goTo(to);
        if (doubt === undefined) return;
        const { reason, logStartOffset, highWatermark } = doubt;
        this.#orders.reset({ reason, topic, partition, offset, to, logStartOffset, highWatermark });
      },
      tell: () => this.#orders.ready(),
      isLocated: () => this.#ahead !== undefined,
      hasReadBeyond: () => this.#error instanceof LogTruncated,
      resetsPosition: () => this.#settings.offsetReset !== 'none',
      backOffMs: (attempts: number) => this.#cluster.backOffMs(attempts),
    };
  }
}

function faultOf(
  codec: BatchView['codec'],
  error: 'CORRUPT' | 'TOO_LARGE' | 'UNSUPPORTED',
  most: number,
): BatchFault {
  if (error === 'UNSUPPORTED')
    return {
      code: 'UNSUPPORTED_COMPRESSION_TYPE',
      message: `its records are compressed by ${codec}, and nothing here inflates that (no browser has zstd): hand the client a compute that does`,
    };
  const why = error === 'TOO_LARGE' ? `are more than ${most} bytes once inflated (X5)` : 'are damaged';
  return { code: 'CORRUPT_MESSAGE', message: `its records, compressed by ${codec}, ${why}` };
}
