// All that was told, put together: the picture that a viewer draws. It is made of messages alone, so the same messages make an equal
// picture, live, from a file, or again at any moment that has been.

import type { Chart } from '../chart.ts';
import { keptStateText } from '../state-text.ts';
import { type ActorSeen, heldAfter, heldTold, heldWhole, lastSteps } from './actor-seen.ts';
import {
  type ActorState,
  type ActorValues,
  type BrokerFacts,
  type ClusterTold,
  type CountsTold,
  edgeKey,
  type Hello,
  type LiveMessage,
  type LossFacts,
  type MessageFacts,
  type MessagesTold,
  type PartitionFacts,
  type ReplicaFacts,
  replicaKey,
  type Said,
  type StepTold,
  type TopicFacts,
} from './messages.ts';
import { addSentence } from './sentences.ts';
import { SharedMap } from './shared-map.ts';

/** A message and who told it. */
export interface Retold {
  readonly message: LiveMessage;
  readonly source: string;
}

/** So many sentences are kept. */
const mostSentences = 2000;

export class World {
  timeMs = 0;
  /** When the first message was told: what is counted is counted from then on. */
  beganMs: number | undefined;
  /** Messages that were left out by tellers that were too busy. */
  missed = 0;
  controller: ClusterTold['controller'] = { id: -1, epoch: -1 };
  voters: readonly number[] = [];
  losses: readonly LossFacts[] = [];
  readonly hellos = new Map<string, Hello>();
  /** When each stream that has a hello told last, by the latest time that anybody had told then: the clocks of nodes may differ. */
  readonly heardMs = new Map<string, number>();
  /** By the machine's id. */
  readonly charts = new Map<string, Chart>();
  /** By path. */
  readonly actors: SharedMap<ActorSeen>;
  /** How often each edge was taken, by machine and {@link edgeKey}. */
  readonly edgesTaken = new Map<string, Map<string, number>>();
  /** By id. */
  readonly brokers = new Map<number, BrokerFacts>();
  /** By name. */
  readonly topics = new Map<string, TopicFacts>();
  /** By {@link replicaKey}. */
  readonly replicas: SharedMap<ReplicaFacts>;
  /** Oldest first. */
  readonly story: Said[] = [];
  /** What went between nodes in the last message of its kind, by who told of it. */
  readonly traffic = new Map<string, MessagesTold>();
  /** Messages that have been sent and have not arrived, of tellers that know when each arrives. */
  underWay: readonly MessageFacts[] = [];
  /** Rises with each change of the topics. */
  topicChanges = 0;
  /** Rises with each sentence: {@link story} is one list that grows, and forgets. */
  sentences = 0;
  private metadataEnd = -1;
  /** How many of {@link actors} are in which state, by who told of them and machine. */
  private readonly tallies = new Map<string, Map<string, Map<string, number>>>();
  /** How many actors are in which state, of machines whose steps are counted, by source and machine. */
  private readonly counted = new Map<string, Map<string, CountsTold['states']>>();

  constructor(like?: Pick<World, 'actors' | 'replicas'>) {
    this.actors = like?.actors.copy() ?? new SharedMap();
    this.replicas = like?.replicas.copy() ?? new SharedMap();
  }

  /** Takes in one message of a stream. */
  apply(message: LiveMessage, source = ''): void {
    if ('timeMs' in message) {
      this.timeMs = Math.max(this.timeMs, message.timeMs);
      this.beganMs ??= message.timeMs;
    }
    if (message.kind === 'hello' || this.hellos.has(source)) this.heardMs.set(source, this.timeMs);
    switch (message.kind) {
      case 'hello':
        this.hellos.set(source, message);
        break;
      case 'machine':
        this.charts.set(message.chart.id, message.chart);
        break;
      case 'actors':
        if (message.all) this.forget(source);
        for (const actor of message.actors) this.met(actor, source, message.timeMs);
        break;
      case 'step':
        this.stepped(message, source);
        break;
      case 'values':
        this.lookedInto(message);
        break;
      case 'gone':
        this.ended(message.path);
        break;
      case 'counts':
        this.takenMore(message, source);
        break;
      case 'cluster':
        this.clusterTold(message);
        break;
      case 'replicas':
        for (const replica of message.replicas) this.replicas.set(replicaKey(replica), replica);
        break;
      case 'messages':
        this.traffic.set(source, message);
        this.underWay = [...this.underWay, ...message.sent].filter(
          ({ arrivesMs }) => arrivesMs !== undefined && arrivesMs > this.timeMs,
        );
        break;
      case 'said':
        this.saidNow(message);
        break;
      case 'missed':
        this.missed += message.messages;
        break;
      case 'whole':
        this.completed(source);
        break;
    }
  }

  /** Tellers of whose picture only a part has come so far: what is not seen of them may be there. */
  get arriving(): readonly Hello[] {
    return [...this.hellos.values()].filter(({ inParts }) => inParts === true);
  }

  /** How many actors of a machine are in which state, by the state as text. */
  statesOf(machine: string): ReadonlyMap<string, number> {
    const states = new Map<string, number>();
    const count = (state: string, actors: number): void => {
      states.set(state, (states.get(state) ?? 0) + actors);
    };
    const countedSources = new Set<string>();
    for (const [source, machines] of this.counted) {
      const told = machines.get(machine);
      if (told === undefined) continue;
      countedSources.add(source);
      for (const [state, actors] of told) count(state, actors);
    }
    for (const [source, machines] of this.tallies)
      if (!countedSources.has(source))
        for (const [state, actors] of machines.get(machine) ?? []) if (actors > 0) count(state, actors);
    return states;
  }

  /** How many things a copy of it has to keep. */
  get size(): number {
    const { actors, replicas, topics, story } = this;
    let size = actors.size + replicas.size + topics.size + story.length;
    for (const edges of this.edgesTaken.values()) size += edges.size;
    return size;
  }

  /** A picture of its own, equal to this one. What was told is shared: nobody changes it. */
  copy(): World {
    const copy = new World(this);
    copy.timeMs = this.timeMs;
    copy.beganMs = this.beganMs;
    copy.missed = this.missed;
    copy.controller = this.controller;
    copy.voters = this.voters;
    copy.losses = this.losses;
    copy.underWay = this.underWay;
    copy.metadataEnd = this.metadataEnd;
    copy.topicChanges = this.topicChanges;
    copy.sentences = this.sentences;
    fill(copy.hellos, this.hellos);
    fill(copy.heardMs, this.heardMs);
    fill(copy.traffic, this.traffic);
    fill(copy.charts, this.charts);
    fill(copy.brokers, this.brokers);
    fill(copy.topics, this.topics);
    for (const [machine, edges] of this.edgesTaken) copy.edgesTaken.set(machine, new Map(edges));
    for (const [source, machines] of this.tallies)
      copy.tallies.set(source, new Map([...machines].map(([machine, states]) => [machine, new Map(states)])));
    for (const [source, machines] of this.counted) copy.counted.set(source, new Map(machines));
    for (const said of this.story) copy.story.push(said);
    return copy;
  }

  /** Messages that make this picture anew: of what was told before, for somebody who comes late. */
  retold(): Retold[] {
    const { timeMs } = this;
    const counts: Omit<CountsTold, 'machine'> = { kind: 'counts', timeMs, edges: [], states: [] };
    const told: Retold[] = [];
    const tell = (message: LiveMessage, source = ''): void => void told.push({ message, source });
    for (const [source, hello] of this.hellos) tell(hello, source);
    for (const chart of this.charts.values()) tell({ kind: 'machine', chart });
    const sources = new Map<string, ActorState[]>([...this.hellos.keys()].map((source) => [source, []]));
    for (const { source, path, machine, value } of this.actors.values()) {
      const actors = sources.get(source) ?? [];
      sources.set(source, actors);
      actors.push({ path, machine, value });
    }
    // Who was heard first comes first: so it is known again when each was.
    const heardMs = (source: string): number => this.heardMs.get(source) ?? timeMs;
    for (const [source, actors] of [...sources].sort(([one], [other]) => heardMs(one) - heardMs(other))) {
      tell({ kind: 'actors', timeMs: heardMs(source), all: true, actors }, source);
      for (const [machine, states] of this.counted.get(source) ?? [])
        tell({ ...counts, timeMs: heardMs(source), machine, states }, source);
    }
    for (const actor of this.actors.values()) for (const held of heldTold(actor)) tell(held, actor.source);
    for (const [machine, edges] of this.edgesTaken) tell({ ...counts, machine, edges: [...edges] });
    tell(this.clusterRetold());
    tell({ kind: 'replicas', timeMs, replicas: [...this.replicas.values()] });
    for (const said of this.story) tell(said);
    return told;
  }

  private completed(source: string): void {
    const hello = this.hellos.get(source);
    if (hello === undefined) return;
    const { inParts, ...whole } = hello;
    if (inParts === true) this.hellos.set(source, whole);
  }

  private saidNow(said: Said): void {
    addSentence(this.story, said);
    this.sentences += 1;
    if (this.story.length > mostSentences) this.story.shift();
  }

  private clusterRetold(): ClusterTold {
    const { timeMs, metadataEnd, controller, voters, losses } = this;
    const [brokers, topics] = [[...this.brokers.values()], [...this.topics.values()]];
    const topicsTold = { all: true, topics, deletedTopics: [] };
    return { kind: 'cluster', timeMs, metadataEnd, controller, voters, brokers, losses, ...topicsTold };
  }

  private met(actor: ActorState, source: string, timeMs: number): void {
    const known = this.actors.get(actor.path);
    if (known !== undefined) this.tally(known.source, known, -1);
    const isSame = known !== undefined && keptStateText(known.value) === keptStateText(actor.value);
    this.actors.set(actor.path, {
      ...actor,
      source,
      sinceMs: isSame ? known.sinceMs : timeMs,
      steps: known?.steps ?? 0,
      ...(known?.held === undefined ? {} : { held: known.held }),
    });
    this.tally(source, actor, 1);
  }

  private lookedInto(told: ActorValues): void {
    const known = this.actors.get(told.path);
    if (known !== undefined) this.actors.set(told.path, { ...known, held: heldWhole(told, known.held) });
  }

  private ended(path: string): void {
    const known = this.actors.get(path);
    if (known === undefined) return;
    this.actors.delete(path);
    this.tally(known.source, known, -1);
  }

  private tally(source: string, { machine, value }: Omit<ActorState, 'path'>, actors: number): void {
    const machines = entry(this.tallies, source);
    add(entry(machines, machine), keptStateText(value), actors);
  }

  private stepped(step: StepTold, source: string): void {
    const { timeMs, actor: path, machine, from, to, edges, event, value } = step;
    const known = this.actors.get(path);
    if (known !== undefined) this.tally(known.source, known, -1);
    this.tally(source, step, 1);
    this.actors.set(path, {
      path,
      machine,
      value,
      source,
      sinceMs: known !== undefined && from === to ? known.sinceMs : timeMs,
      steps: (known?.steps ?? 0) + 1,
      ...lastSteps(step, known),
      ...heldAfter(step, known?.held),
    });
    const taken = this.takenOf(machine);
    for (const edge of edges) add(taken, edgeKey(event, edge), 1);
  }

  private takenMore({ machine, edges, states }: CountsTold, source: string): void {
    const taken = this.takenOf(machine);
    for (const [key, count] of edges) add(taken, key, count);
    entry(this.counted, source).set(machine, states);
  }

  private takenOf(machine: string): Map<string, number> {
    return entry(this.edgesTaken, machine);
  }

  /** Of several tellers the one that knows more metadata is believed. */
  private clusterTold(cluster: ClusterTold): void {
    if (cluster.metadataEnd < this.metadataEnd) return;
    this.metadataEnd = cluster.metadataEnd;
    this.controller = cluster.controller;
    this.voters = cluster.voters;
    this.losses = cluster.losses;
    this.brokers.clear();
    for (const broker of cluster.brokers) this.brokers.set(broker.id, broker);
    const { all, topics, changed = [], deletedTopics } = cluster;
    const told = new Set(topics.map(({ name }) => name));
    const gone = all ? [...this.topics.keys()].filter((name) => !told.has(name)) : deletedTopics;
    const isNew = ({ name, topicId }: TopicFacts): boolean => this.topics.get(name)?.topicId !== topicId;
    const made = topics.filter(isNew);
    for (const topic of topics) if (!isNew(topic)) this.topicChanged(topic);
    for (const topic of changed) this.topicChanged(topic);
    if (made.length + gone.length === 0) return;
    this.topicChanges += 1;
    for (const topic of made) this.topics.set(topic.name, topic);
    for (const name of gone) this.topics.delete(name);
    this.dropReplicas();
  }

  /** Every teller tells of each change: the second one brings nothing new, and costs a large cluster's viewer nothing more. */
  private topicChanged(told: TopicFacts): void {
    const known = this.topics.get(told.name);
    const news = told.partitions.filter((facts) => !isSame(known?.partitions[facts.partition], facts));
    if (news.length === 0) return;
    this.topicChanges += 1;
    this.topics.set(told.name, withChanged(known, { ...told, partitions: news }));
    for (const { partition, replicas } of news)
      for (const broker of known?.partitions[partition]?.replicas ?? [])
        if (!replicas.includes(broker))
          this.replicas.delete(replicaKey({ broker, topic: told.name, partition }));
  }

  /** Of partitions that are there no more, or at brokers that hold them no more. */
  private dropReplicas(): void {
    for (const [key, { broker, topic, partition }] of this.replicas) {
      const partitions = this.topics.get(topic)?.partitions;
      // Of a partition that was not told yet nothing is known.
      if (partitions === undefined || partitions[partition]?.replicas.includes(broker) === false)
        this.replicas.delete(key);
    }
  }

  private forget(source: string): void {
    for (const [path, actor] of this.actors) if (actor.source === source) this.actors.delete(path);
    this.tallies.delete(source);
    this.counted.delete(source);
    this.traffic.delete(source);
  }
}

function isSame(one: PartitionFacts | undefined, other: PartitionFacts): boolean {
  return (
    one !== undefined &&
    one.leader === other.leader &&
    one.leaderEpoch === other.leaderEpoch &&
    areSame(one.replicas, other.replicas) &&
    areSame(one.inSyncReplicas, other.inSyncReplicas) &&
    areSame(one.eligibleLeaderReplicas, other.eligibleLeaderReplicas)
  );
}

function areSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((one, at) => one === others[at]);
}

/** Partitions stand at the place of their number. */
function withChanged(known: TopicFacts | undefined, changed: TopicFacts): TopicFacts {
  const partitions = [...(known?.partitions ?? [])];
  for (const facts of changed.partitions) partitions[facts.partition] = facts;
  return { ...changed, partitions };
}

/** The map at a key, made when there is none. */
function entry<Key, Value>(maps: Map<string, Map<Key, Value>>, key: string): Map<Key, Value> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = new Map<Key, Value>();
  maps.set(key, made);
  return made;
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function fill<Key, Value>(to: Map<Key, Value>, from: ReadonlyMap<Key, Value>): void {
  for (const [key, value] of from) to.set(key, value);
}
