// What a viewer is told: by a node over its WebSocket, by a cluster in a tab through a port of its worker, by a trace file line by
// line. One kind of stream for all three, so that whoever can draw one of them can draw each, now or at any moment that has been.

import type { StateValue } from 'xstate';
import type { Chart } from '../chart.ts';
import type { EventValue } from '../event-values.ts';
import type { Frame, FrameEdge } from '../transitions.ts';

/** Rises when a viewer of an older version would misread what it is told. Kinds it does not know are passed over. */
export const LIVE_VERSION = 2;

/** One thing that is told. All times are those of the teller's clock in milliseconds: of the wall, or virtual. */
export type LiveMessage =
  | Hello
  | MachineTold
  | ActorsTold
  | StepTold
  | ActorGone
  | ActorValues
  | CountsTold
  | ClusterTold
  | ReplicasTold
  | MessagesTold
  | Said
  | Missed
  | Whole;

/** The first word of a stream. */
export interface Hello {
  readonly kind: 'hello';
  readonly version: number;
  readonly timeMs: number;
  /** What is seen, in words: a cluster's id, a seed, a scene. */
  readonly about: string;
  /** The node that tells of itself; absent: a whole cluster is told, as in a simulation. */
  readonly nodeId?: number;
  readonly clusterId?: string;
  /** What the viewer may ask for besides looking. */
  readonly allowed: readonly ('break' | 'administer')[];
  /** The picture that follows is large: it comes in parts, and is complete with {@link Whole}. */
  readonly inParts?: true;
  /** Only states are known of it: which transition led from one to the next is a guess, and so nothing is known of guards. */
  readonly stepsAreGuessed?: true;
}

/** A machine's chart, told once and before its first actor. */
export interface MachineTold {
  readonly kind: 'machine';
  readonly chart: Chart;
}

/** One actor as it is now. */
export interface ActorState {
  /** `broker-1/laser-0/replica` */
  readonly path: string;
  readonly machine: string;
  readonly value: StateValue;
}

/** All actors of the teller at once (`all`), in the place of all it told before; or those that are new. */
export interface ActorsTold {
  readonly kind: 'actors';
  readonly timeMs: number;
  readonly all: boolean;
  readonly actors: readonly ActorState[];
}

/** One step of one actor: the same as a frame of {@link watch}. */
export interface StepTold extends Frame {
  readonly kind: 'step';
}

/** All values that an actor holds: its steps tell from then on what changes. */
export interface ActorValues {
  readonly kind: 'values';
  readonly timeMs: number;
  readonly path: string;
  readonly values: readonly EventValue[];
}

/** An actor has stopped. */
export interface ActorGone {
  readonly kind: 'gone';
  readonly timeMs: number;
  readonly path: string;
}

/** Steps that were too many to be told one by one, counted by edge: exact, and together with the steps told, all there were. */
export interface CountsTold {
  readonly kind: 'counts';
  readonly timeMs: number;
  readonly machine: string;
  /** Of each edge (see `edgeKey`) that was taken since the last count. */
  readonly edges: readonly (readonly [key: string, taken: number])[];
  /** How many actors of the teller are in each state now, by the state as text. */
  readonly states: readonly (readonly [state: string, actors: number])[];
}

/** The cluster as the teller's metadata image has it. */
export interface ClusterTold {
  readonly kind: 'cluster';
  readonly timeMs: number;
  /** The end of the metadata that made it: of two tellers the one with more knows better. */
  readonly metadataEnd: number;
  readonly controller: { readonly id: number; readonly epoch: number };
  readonly voters: readonly number[];
  readonly brokers: readonly BrokerFacts[];
  /** Topics that are new since the last one of this kind, or all of them when `all`. */
  readonly all: boolean;
  readonly topics: readonly TopicFacts[];
  readonly deletedTopics: readonly string[];
  readonly losses: readonly LossFacts[];
  /** Topics known before, of which these partitions are new or have changed; all others are as they were. */
  readonly changed?: readonly TopicFacts[];
}

export interface BrokerFacts {
  readonly id: number;
  /** `running`, `fenced`, `in controlled shutdown`, `down` */
  readonly state: string;
  readonly host: string;
  readonly port: number;
}

export interface TopicFacts {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly PartitionFacts[];
}

export interface PartitionFacts {
  readonly partition: number;
  /** -1: none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  readonly eligibleLeaderReplicas: readonly number[];
}

/** Committed records that an unclean election gave up; `toOffset` null: not yet known. */
export interface LossFacts {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly fromOffset: number;
  readonly toOffset: number | null;
}

/** Replicas whose logs have moved since they were last told. */
export interface ReplicasTold {
  readonly kind: 'replicas';
  readonly timeMs: number;
  readonly replicas: readonly ReplicaFacts[];
}

export interface ReplicaFacts {
  readonly broker: number;
  readonly topic: string;
  readonly partition: number;
  readonly role: 'leader' | 'follower' | 'none';
  readonly leaderEpoch: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
  readonly logEndOffset: number;
  readonly flushedEndOffset: number;
  readonly sizeInBytes?: number;
}

/** What went from one node to another, or between clients and nodes, since the last one of this kind. */
export interface MessagesTold {
  readonly kind: 'messages';
  readonly timeMs: number;
  readonly sent: readonly MessageFacts[];
}

export interface MessageFacts {
  /** A node's id, or `client`. */
  readonly from: number | 'client';
  readonly to: number | 'client';
  /** The API and which half of it: `fetch`, `fetch answer`, `vote` … */
  readonly name: string;
  readonly count: number;
  /** The topic and partition it was about, when it was one. */
  readonly partition?: string;
  /** When it left and arrives, where that is known (a simulation): one message each. Lost: it never arrives. */
  readonly sentMs?: number;
  readonly arrivesMs?: number;
  readonly isLost?: true;
}

/** A sentence about something worth knowing, from the machines' own events. */
export interface Said {
  readonly kind: 'said';
  readonly timeMs: number;
  readonly level: 'info' | 'warn' | 'error';
  /** The actor whose sentence it is. */
  readonly actor: string;
  readonly event: string;
  readonly text: string;
  readonly rule?: string;
  /** The partition it is about: `laser-1`. */
  readonly partition?: string;
  /** It was said so many times in a row, first at `sinceMs` and last at its time. Absent: once. */
  readonly times?: number;
  readonly sinceMs?: number;
}

/** The viewer was too slow, or the teller too busy, and so many messages were left out; a whole picture (`actors` with `all`) follows. */
export interface Missed {
  readonly kind: 'missed';
  readonly timeMs: number;
  readonly messages: number;
}

/** The picture that a hello with `inParts` has begun is complete. */
export interface Whole {
  readonly kind: 'whole';
  readonly timeMs: number;
}

/** What a viewer may say to a teller. */
export type ViewerRequest =
  /** How much is told: steps of these machines one by one (others are counted), and nothing faster than every so many milliseconds. */
  | { readonly ask: 'watch'; readonly machines: readonly string[] | 'all'; readonly everyMs: number }
  /** The values of one actor and what can happen next; answered by {@link ActorLooked}. */
  | { readonly ask: 'look'; readonly id: number; readonly path: string };

/** The answer to `look`. */
export interface ActorLooked {
  readonly answer: 'look';
  readonly id: number;
  readonly path: string;
  /** Absent: there is no such actor. */
  readonly state?: ActorState;
  /** The context's values as plain data, deep ones cut short. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly next?: readonly NextEdge[];
}

/** A transition that begins in a state the actor is in. */
export interface NextEdge extends FrameEdge {
  readonly event: string;
  readonly rule?: string;
  /** What the guard says now: of one that depends on the event, nothing can be said before there is one. */
  readonly guardSays: 'yes' | 'no' | 'depends on the event' | 'no guard';
}

/** The key of an edge in counts: two edges of a chart have the same only if nobody could tell them apart. */
export function edgeKey(event: string, edge: FrameEdge): string {
  return [edge.source, edge.event ?? event, edge.guard ?? '', edge.target ?? ''].join('\u0001');
}

/** The key of a replica in a picture: its broker, topic and partition. */
export function replicaKey(replica: Pick<ReplicaFacts, 'broker' | 'topic' | 'partition'>): string {
  return `${replica.broker}/${replica.topic}-${replica.partition}`;
}

/** What a viewer that may break a cluster can order: the same as `odradek chaos`. `nodes` are ids of this cluster. */
export type BreakOrder =
  | { readonly do: 'kill' | 'start' | 'restart' | 'pause' | 'resume'; readonly nodes: readonly number[] }
  | { readonly do: 'cut'; readonly from: number; readonly to: number; readonly isOneWay: boolean }
  | {
      readonly do: 'slow';
      readonly node: number;
      readonly what: 'network' | 'disk';
      readonly delayMs: number;
    }
  | { readonly do: 'fill' | 'fail'; readonly node: number }
  | { readonly do: 'heal' };
