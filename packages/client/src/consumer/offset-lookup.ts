// From a position as an app names it to an offset, by the partition's leader (L8).

import type { Cluster } from '../cluster/cluster.ts';
import { epochInRequest } from '../cluster/cluster-image.ts';
import { errorNamed, OdradekError } from '../errors.ts';

/** An offset; a negative number counts back from the end; or by time, in ms since 1970. */
export type PositionWanted = number | 'earliest' | 'latest' | { readonly timestamp: number };

export type LookupResult = Located | { readonly error: OdradekError; readonly isAboutLeader: boolean };

/** A place in one topic: one that is made anew has another id (KIP-516). */
export interface Located {
  readonly offset: number;
  /** Of the record before the offset, -1 when not known. */
  readonly epoch: number;
  readonly topicId: string;
}

const LATEST = -1;
const EARLIEST = -2;

/** Asks once where a name for a place is. An offset is none: it needs no lookup. An error about the leader is worth another attempt. */
export function lookUp(
  cluster: Cluster,
  topic: string,
  partition: number,
  wanted: PositionWanted,
  done: (result: LookupResult) => void,
): void {
  const ask = (timestamp: number, then: (answer: Located) => void): void =>
    askLeader(cluster, topic, partition, timestamp, (result) =>
      'error' in result ? done(result) : then(result),
    );
  if (wanted === 'earliest') ask(EARLIEST, (begin) => done({ ...begin, epoch: -1 }));
  else if (wanted === 'latest') ask(LATEST, done);
  else if (typeof wanted === 'number') {
    ask(LATEST, (end) => ask(EARLIEST, (begin) => done(countedBack(end, begin, -wanted))));
  } else {
    // Nothing is as young as that: reading goes on at the end.
    ask(wanted.timestamp, (found) => (found.offset >= 0 ? done({ ...found, epoch: -1 }) : ask(LATEST, done)));
  }
}

/** `count` before the end, or the beginning. Between the two questions the topic may have become another. */
function countedBack(end: Located, begin: Located, count: number): LookupResult {
  if (end.topicId === begin.topicId)
    return { offset: Math.max(end.offset - count, begin.offset), epoch: -1, topicId: end.topicId };
  const error = new OdradekError('UNKNOWN_TOPIC_ID', 'the topic was deleted and made again just now');
  return { error, isAboutLeader: true };
}

const transient: ReadonlySet<string> = new Set([
  ...['NOT_LEADER_OR_FOLLOWER', 'FENCED_LEADER_EPOCH', 'UNKNOWN_LEADER_EPOCH', 'LEADER_NOT_AVAILABLE'],
  ...['OFFSET_NOT_AVAILABLE', 'REPLICA_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID'],
  ...['INCONSISTENT_TOPIC_ID', 'KAFKA_STORAGE_ERROR', 'NETWORK_EXCEPTION', 'REQUEST_TIMED_OUT'],
  ...['BROKER_NOT_AVAILABLE'],
]);

/** Errors of reading after which asking another leader, or later, may help. */
export function isTransient(error: string): boolean {
  return transient.has(error);
}

function askLeader(
  cluster: Cluster,
  topic: string,
  partition: number,
  timestamp: number,
  done: (result: LookupResult) => void,
): void {
  const image = cluster.topic(topic);
  const leader = image?.partitions[partition];
  const about = `${topic}-${partition}`;
  const fail = (error: OdradekError, isAboutLeader: boolean): void => done({ error, isAboutLeader });
  if (image === undefined || leader === undefined || leader.leader < 0) {
    const problem = unknownPartition(cluster, topic, partition);
    cluster.clock.setTimeout(() => fail(problem.error, problem.isAboutLeader), 0);
    return;
  }
  const asked = { topicId: image.topicId, partition, leaderEpoch: epochInRequest(leader), timestamp };
  const request = { api: 'listOffsets', body: { partitions: [asked] } } as const;
  cluster.ask<'listOffsets'>(leader.leader, request, cluster.options.requestTimeoutMs, (reply) => {
    if (reply.outcome === 'failed')
      return fail(new OdradekError('NETWORK_EXCEPTION', `${about}: ${reply.reason}: ${reply.detail}`), true);
    if (reply.outcome === 'refused')
      return fail(errorNamed(reply.error, reply.message, about), isTransient(reply.error));
    const own = reply.response.partitions[0];
    const answer = reply.response.error !== 'NONE' || own === undefined ? reply.response : own;
    if (answer.error !== 'NONE' || own === undefined) {
      if (own !== undefined) cluster.hint(topic, partition, own.leaderHint);
      return fail(errorNamed(answer.error, answer.errorMessage, about), isTransient(answer.error));
    }
    done({ offset: own.offset, epoch: own.leaderEpoch, topicId: image.topicId });
  });
}

/** Why a partition cannot be asked. Whether its topic will appear, or its leader, time will tell. */
export function unknownPartition(
  cluster: Cluster,
  topic: string,
  partition: number,
): { readonly error: OdradekError; readonly isAboutLeader: boolean } {
  const image = cluster.image.topics.get(topic);
  const missing = cluster.image.missing.get(topic);
  if (image !== undefined && partition >= image.partitions.length) {
    const text = `there is no partition ${partition}: ${topic} has 0 to ${image.partitions.length - 1}`;
    return { error: new OdradekError('UNKNOWN_TOPIC_OR_PARTITION', text), isAboutLeader: false };
  }
  if (missing !== undefined)
    return { error: errorNamed(missing.error, missing.message, `topic ${topic}`), isAboutLeader: true };
  const text = `${topic}-${partition} has no leader`;
  const hint = '"topic describe" tells for whom it waits';
  return { error: new OdradekError('LEADER_NOT_AVAILABLE', text, { hint }), isAboutLeader: true };
}
