// What schedules may say of a whole cluster, over what they may say of every world.

import type { OdradekNode } from '@odradek/core';
import {
  type ClientRequest,
  type MetadataImage,
  NO_LEADER,
  type NodeId,
  type Offset,
  type PartitionImage,
  topicByName,
} from '@odradek/model';
import { type ClientDelay, type ClientDoors, promptClients } from './client-doors.ts';
import type { DeclaredLoss } from './client-history.ts';
import { type ClusterClients, placeNamed } from './cluster-clients.ts';
import type { ClusterDisks } from './cluster-disks.ts';
import { failingOperations, isRot } from './disk-trouble.ts';
import type { PartitionOracle, ReplicaSeen } from './partition-oracle.ts';
import { ScheduleError } from './schedule.ts';
import type { Acks } from './simulated-producer.ts';
import type { TopicKeeper } from './topic-keeper.ts';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualNetwork } from './virtual-network.ts';

type Verbs = Readonly<Record<string, (words: readonly string[]) => void>>;
type Conditions = Readonly<Record<string, (words: readonly string[]) => boolean>>;

const SETTLE_MS = 30_000;
const FENCE_MS = 30_000;
const ELECT_TIMEOUT_MS = 2000;
const RETRY_MS = 100;

interface Running {
  readonly running: { readonly node: OdradekNode } | undefined;
}

/** What the words are about. */
export interface WordedCluster {
  readonly time: VirtualTime;
  readonly network: VirtualNetwork;
  readonly doors: ClientDoors;
  readonly clients: ClusterClients;
  readonly topics: TopicKeeper;
  readonly disks: ClusterDisks;
  readonly nodes: readonly Running[];
  readonly image: MetadataImage | undefined;
  readonly said: readonly string[];
  readonly isConverged: boolean;
  readonly unconverged: string | undefined;
  readonly lostRecords: number;
  readonly declaredLosses: readonly DeclaredLoss[];
  node(id: NodeId): Running;
  nodeNamed(word: string): NodeId;
  find(name: string): { readonly state: PartitionImage } | undefined;
  oracleOf(name: string): PartitionOracle;
  replicasOf(name: string): readonly ReplicaSeen[];
  recordsAt(broker: NodeId, name: string): readonly { readonly offset: Offset; readonly value: string }[];
  leave(id: NodeId, movesLeaderships?: boolean): void;
  wipe(id: NodeId): void;
  runUntil(condition: () => boolean, capMs: number): boolean;
  fail(message: string): never;
}

export function clusterVerbs(world: WordedCluster): Verbs {
  const forNodes = (act: (id: NodeId) => void) => (words: readonly string[]) => {
    for (const word of words) act(world.nodeNamed(word));
  };
  return {
    topic: (words) => createTopic(world, words),
    configure: ([name = '', ...pairs]) => configure(world, name, pairs),
    recreate: ([name = '']) => world.topics.recreate(name),
    clients: ([delay = '', share = 'of=100']) => {
      world.doors.delay = clientDelayIn(delay, share);
    },
    write: (words) => write(world, words),
    'stop-writing': () => {
      for (const producer of world.clients.producers) producer.pause();
    },
    produce: (words) => produce(world, words),
    read: (words) => read(world, words),
    leave: forNodes((id) => world.leave(id)),
    'shut-down': (words) =>
      shutDown(
        world,
        words.map((word) => world.nodeNamed(word)),
      ),
    wipe: forNodes((id) => world.wipe(id)),
    'back-up': forNodes((id) => whileDead(world, id, () => world.disks.backUp(id))),
    'put-back': forNodes((id) => whileDead(world, id, () => world.disks.putBack(id))),
    'take-away': ([word = '', log = '']) => {
      const id = world.nodeNamed(word);
      whileDead(world, id, () => world.disks.takeAway(id, log));
    },
    full: forNodes((id) => {
      world.disks.trouble(id).isFull = true;
    }),
    low: forNodes((id) => {
      world.disks.trouble(id).isLow = true;
    }),
    free: forNodes((id) => {
      const trouble = world.disks.trouble(id);
      trouble.isFull = false;
      trouble.isLow = false;
    }),
    fail: (words) => failNext(world, words),
    rot: ([word = '', log = '', how = 'flip', where]) => {
      if (!isRot(how)) throw new ScheduleError(`"rot … ${how}": flip, lost or misdirected`);
      if (where !== undefined && where !== 'anywhere')
        throw new ScheduleError(`"rot … ${where}": anywhere, or nothing for what is known to be durable`);
      world.disks.rot(world.nodeNamed(word), { log, how, isAnywhere: where === 'anywhere' });
    },
    empty: ([word = '', path = '']) => {
      const id = world.nodeNamed(word);
      whileDead(world, id, () => world.disks.emptyFile(id, path));
    },
    fence: forNodes((id) => fence(world, id)),
    elect: ([kind = '', name = '']) => elect(world, kind, name),
    settle: () => {
      if (!world.runUntil(() => world.isConverged, SETTLE_MS))
        world.fail(`not settled within ${SETTLE_MS} ms: ${world.unconverged ?? 'it is now'}`);
    },
  };
}

/** A disk is copied, and put back, by whoever keeps nobody from writing to it. */
function whileDead(world: WordedCluster, id: NodeId, act: () => void): void {
  if (world.node(id).running !== undefined) throw new ScheduleError(`Node ${id} runs; kill it first`);
  act();
}

/** `topic t 2 3 KEY=VALUE…`: partitions and replicas; or `topic t 2,1 KEY=VALUE…`: the replicas of each partition, `2,1/1,2` of two. */
function createTopic(world: WordedCluster, [name = '', ...words]: readonly string[]): void {
  const settings = words.filter((word) => word.includes('='));
  const [first = '1', second = '3'] = words.filter((word) => !word.includes('='));
  const assignment = first.includes(',')
    ? first.split('/').map((replicas) => replicas.split(',').map((word) => world.nodeNamed(word)))
    : [];
  world.topics.create({
    name,
    partitions: assignment.length > 0 ? -1 : Number(first),
    replicas: assignment.length > 0 ? -1 : Number(second),
    assignment,
    config: Object.fromEntries(settings.map((pair) => pair.split('=') as [string, string])),
  });
}

/**
 * `clients 0..4000 [of=20]`: how many milliseconds messages take between clients and nodes, each, or so many of a hundred; `clients prompt`
 * ends it.
 */
function clientDelayIn(text: string, share: string): ClientDelay {
  if (text === 'prompt') return promptClients;
  const [least = '', most = least] = text.split('..');
  const [minMs, maxMs, percent] = [least, most, share.slice('of='.length)].map(Number);
  const isDelay = minMs !== undefined && maxMs !== undefined && minMs >= 0 && maxMs >= minMs;
  if (text === '' || !isDelay || !share.startsWith('of=') || !(percent !== undefined && percent > 0))
    throw new ScheduleError(`"clients ${text} ${share}": 40, 0..4000 of=20, or prompt`);
  return { minMs, maxMs, percent };
}

/** `write t-0 [acks=1]`: without end. */
function write(world: WordedCluster, [name = '', acks = 'acks=all']: readonly string[]): void {
  const wanted = acks.slice('acks='.length);
  if (!isAcks(wanted)) throw new ScheduleError(`"${acks}": acks=all, acks=1 or acks=0`);
  world.clients.produce(name, wanted);
}

/** `read t-0 [from=20]`: from an offset on, whether it is there yet or not. */
function read(world: WordedCluster, [name = '', from = 'from=0']: readonly string[]): void {
  const offset = Number(from.slice('from='.length));
  if (!from.startsWith('from=') || !(offset >= 0)) throw new ScheduleError(`"${from}": from=OFFSET`);
  world.clients.consume(name, offset);
}

/**
 * `produce t-0 m1 m2 [by=NAME] [acks=all|1|0] [padding=BYTES] [refused=given-up]`: these values, each a batch of its own, one after the other;
 * with keys of so many bytes; what is surely in no log is tried again, or given up.
 */
function produce(world: WordedCluster, [name = '', ...words]: readonly string[]): void {
  const option = (key: string): string | undefined =>
    words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
  const acks = option('acks') ?? 'all';
  if (!isAcks(acks)) throw new ScheduleError(`"acks=${acks}": all, 1 or 0`);
  const values = words.filter((word) => !word.includes('='));
  const padding = Number(option('padding') ?? 0);
  if (!(padding >= 0)) throw new ScheduleError(`"padding=${option('padding')}": a number of bytes`);
  const refused = option('refused') ?? 'again';
  if (refused !== 'again' && refused !== 'given-up')
    throw new ScheduleError(`"refused=${refused}": again or given-up`);
  const client = option('by') ?? 'writer';
  const givesUp = refused === 'given-up';
  const writer = world.clients.writer({ client, partition: name, acks, padding, givesUp });
  writer.queue.push(...values);
}

function isAcks(word: string): word is Acks {
  return word === 'all' || word === '1' || word === '0';
}

/** `fail 2 append EIO [10] [in=t-0]`: the next such order of this disk fails, an append after so many bytes; or the next in a directory. */
function failNext(world: WordedCluster, words: readonly string[]): void {
  const [word = '', name = '', code = 'EIO', kept] = words.filter((one) => !one.startsWith('in='));
  const directory = words.find((one) => one.startsWith('in='))?.slice('in='.length);
  const operation = failingOperations.find((one) => one === name);
  if (operation === undefined)
    throw new ScheduleError(`"fail … ${name}": one of ${failingOperations.join(', ')}`);
  const fault = kept === undefined ? { code } : { code, keptBytes: Number(kept) };
  world.disks.trouble(world.nodeNamed(word)).failNext(operation, fault, directory);
}

/** These stop in order, all at once: no leadership is to move (C9). */
function shutDown(world: WordedCluster, ids: readonly NodeId[]): void {
  for (const id of ids) world.node(id).running?.node.stopDeciding();
  for (const id of ids) world.leave(id, false);
}

/** The controller takes a broker for dead: it hears no heartbeat for a whole session. */
function fence(world: WordedCluster, id: NodeId): void {
  const isFenced = (): boolean => world.image?.brokers.get(id)?.isFenced !== false;
  const hold = world.network.hold({ api: 'brokerHeartbeat', kind: 'request', from: id });
  if (!world.runUntil(isFenced, FENCE_MS)) world.fail(`${id} is not fenced within ${FENCE_MS} ms`);
  world.network.release(hold);
}

/** `configure t unclean.leader.election.enable=true`: asked for until somebody takes it. */
function configure(world: WordedCluster, name: string, pairs: readonly string[]): void {
  const changes = pairs.map((pair) => {
    const [key = '', value] = pair.split('=');
    if (value === undefined) throw new ScheduleError(`"${pair}" is no setting: KEY=VALUE`);
    return { name: key, value };
  });
  const body = { timeoutMs: ELECT_TIMEOUT_MS, topic: name, changes, broker: -1 };
  askAnybody(world, { api: 'alterConfigs', body });
}

/** Asks one node after the other until one answers. */
function askAnybody(world: WordedCluster, request: ClientRequest): void {
  const ask = (): void => {
    const to = world.doors.random.pick(world.doors.nodeIds);
    world.doors.ask(to, request, 2 * ELECT_TIMEOUT_MS, (reply) => {
      if (reply.outcome !== 'answered') world.time.after(RETRY_MS, ask);
    });
  };
  ask();
}

const electionKinds = ['preferred', 'unclean', 'last known leader'];

/** `elect preferred t-0`: an operator's command, asked for until somebody answers it. */
function elect(world: WordedCluster, kind: string, name: string): void {
  const wanted = electionKinds.find((one) => one.replaceAll(' ', '-') === kind);
  if (wanted === undefined)
    throw new ScheduleError(`"elect ${kind}": preferred, unclean or last-known-leader, and a partition`);
  const { topic, partition } = placeNamed(name);
  const body = { timeoutMs: ELECT_TIMEOUT_MS, kind: wanted, partitions: [{ topic, partition }] };
  askAnybody(world, { api: 'electLeaders', body });
}

export function clusterConditions(world: WordedCluster): Conditions {
  const stateOf = (name: string) => world.find(name)?.state;
  const replicaAt = (word: string, name: string) =>
    world.replicasOf(name).find(({ broker }) => broker === world.nodeNamed(word));
  return {
    running: (words) =>
      words.every((word) => world.node(world.nodeNamed(word)).running?.node.state === 'running'),
    dead: (words) => words.every((word) => world.node(world.nodeNamed(word)).running === undefined),
    'all-running': () => world.nodes.every(({ running }) => running?.node.state === 'running'),
    fenced: ([word = '']) => world.image?.brokers.get(world.nodeNamed(word))?.isFenced === true,
    led: ([name = '']) => (stateOf(name)?.leader ?? NO_LEADER) !== NO_LEADER,
    leads: ([word = '', name = '']) => stateOf(name)?.leader === world.nodeNamed(word),
    'leads-itself': ([word = '', name = '']) => replicaAt(word, name)?.leads === true,
    'in-sync': ([name = '', ...words]) => {
      const inSync = stateOf(name)?.inSyncReplicas ?? [];
      const meant = words.map((word) => world.nodeNamed(word));
      return inSync.length === meant.length && meant.every((id) => inSync.includes(id));
    },
    electable: ([name = '', word = '']) => {
      const state = stateOf(name);
      return [...(state?.inSyncReplicas ?? []), ...(state?.eligibleLeaderReplicas ?? [])].includes(
        world.nodeNamed(word),
      );
    },
    epoch: ([name = '', epoch]) => stateOf(name)?.leaderEpoch === Number(epoch),
    end: ([word = '', name = '', end]) => replicaAt(word, name)?.log.logEndOffset === Number(end),
    flushed: ([word = '', name = '', end]) => replicaAt(word, name)?.log.flushedEndOffset === Number(end),
    'high-watermark': ([word = '', name = '', end]) => replicaAt(word, name)?.highWatermark === Number(end),
    ...recordConditions(world),
    controls: ([word = '']) => world.node(world.nodeNamed(word)).running?.node.isActiveController === true,
    'quorum-is': ([word = '', state]) =>
      world.node(world.nodeNamed(word)).running?.node.metadataQuorum?.quorum.state === state,
    converged: () => world.isConverged,
    topic: ([name = '']) => world.image !== undefined && topicByName(world.image, name) !== undefined,
    is: ([word = '', state]) => world.node(world.nodeNamed(word)).running?.node.state === state,
    said: (words) => world.said.some((line) => line.includes(words.join(' '))),
  };
}

/** What became of records. */
function recordConditions(world: WordedCluster): Conditions {
  const sentAs = (value: string) => world.clients.history.sent.find((sent) => sent.value === value);
  const holds = (broker: NodeId, name: string, value: string): boolean =>
    world.recordsAt(broker, name).some((record) => record.value === value);
  return {
    acknowledged: ([count = '1']) => world.clients.history.acknowledged.length >= Number(count),
    acked: (values) => values.every((value) => sentAs(value)?.answer === 'NONE'),
    refused: ([value = '']) => sentAs(value)?.outcome === 'refused',
    unknown: ([value = '']) => sentAs(value)?.outcome === 'unknown',
    given: ([value = '']) => world.clients.history.given.some((given) => given.value === value),
    has: ([word = '', name = '', value = '']) => holds(world.nodeNamed(word), name, value),
    /** It was acknowledged, and who leads now has it not. */
    lost: ([value = '']) => {
      const sent = sentAs(value);
      if (sent?.outcome !== 'acknowledged') return false;
      const leader = world.replicasOf(sent.partition).find(({ leads, broker, leaderEpoch }) => {
        const state = world.find(sent.partition)?.state;
        return leads && state?.leader === broker && state.leaderEpoch === leaderEpoch;
      });
      return leader !== undefined && !holds(leader.broker, sent.partition, value);
    },
    /** All living replicas have the same records. */
    'logs-equal': ([name = '']) => {
      const logs = world.replicasOf(name).map(({ broker }) => JSON.stringify(world.recordsAt(broker, name)));
      return new Set(logs).size === 1;
    },
    'declared-lost': ([name = '', from, to]) =>
      world.declaredLosses.some(
        (loss) => loss.partition === name && loss.fromOffset === Number(from) && loss.toOffset === Number(to),
      ),
    'nothing-lost': () => world.lostRecords === 0 && world.declaredLosses.length === 0,
    'last-error': ([name = '']) => world.clients.producers.some((producer) => producer.lastError === name),
    /** A reader was told that the log parts from what it had read. */
    'told-of-truncation': ([name = '', at]) =>
      world.clients.consumers.some(
        (consumer) =>
          consumer.name === name && consumer.truncations.some(({ divergesAt }) => divergesAt === Number(at)),
      ),
    idle: () => world.clients.producers.every((producer) => producer.isIdle),
    drained: () =>
      world.clients.consumers.every(
        ({ name, position }) => position >= world.oracleOf(name).ledger.endOffset,
      ),
  };
}
