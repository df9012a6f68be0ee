// Topics: made, shown, changed and deleted. The JSON of `describe` and `create` is the broker's answer and stays as it is.

import type { ElectionKind, TopicDescription } from '@odradek/client';
import type { Setting } from '../arguments.ts';
import { type ClusterOptions, failureOfClient, withClient } from '../cluster-client.ts';
import { usageFailure } from '../failure.ts';
import { counted, type Outcome, table, unknownCell } from '../output.ts';
import type { Session } from '../session.ts';

interface CreateOptions extends ClusterOptions {
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly replicaAssignment?: readonly (readonly number[])[];
  readonly set?: readonly Setting[];
  readonly validateOnly?: boolean;
}

/** `topic create` */
export async function createTopic(session: Session, name: string, options: CreateOptions): Promise<Outcome> {
  const { partitions, replicationFactor, replicaAssignment: assignment, set = [], validateOnly } = options;
  if (assignment !== undefined && (partitions !== undefined || replicationFactor !== undefined))
    throw usageFailure(
      '--replica-assignment says how many partitions and replicas there are; leave the others out',
    );
  return withClient(session, options, async (client) => {
    const created = await client.admin().createTopic({
      name,
      ...(partitions === undefined ? {} : { partitions }),
      ...(replicationFactor === undefined ? {} : { replicationFactor }),
      ...(assignment === undefined ? {} : { assignment }),
      ...(validateOnly === undefined ? {} : { validateOnly }),
      config: Object.fromEntries(set.map((entry) => [entry.name, entry.value])),
    });
    const size = `${counted(created.partitions, 'partition')}, ${counted(created.replicationFactor, 'replica')} each`;
    const text =
      validateOnly === true ? `topic ${name} could be created: ${size}` : `created topic ${name}: ${size}`;
    return { data: created, text };
  });
}

/** `topic list` */
export async function listTopics(session: Session, options: ClusterOptions): Promise<Outcome> {
  return withClient(session, options, async (client) => {
    const topics = (await client.admin().listTopics())
      .map(({ name, topicId, partitions }) => ({
        name,
        topicId,
        partitions: partitions.length,
        replicationFactor: partitions[0]?.replicas.length ?? 0,
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const rows = topics.map((topic) => [
      topic.name,
      topic.partitions,
      topic.replicationFactor,
      topic.topicId,
    ]);
    const text =
      topics.length === 0
        ? 'There are no topics yet: odradek topic create NAME'
        : table(session.terminal, ['topic', 'partitions', 'replicas', 'id'], rows);
    return { data: { topics }, text };
  });
}

/** `topic describe` */
export async function describeTopic(
  session: Session,
  name: string,
  options: ClusterOptions,
): Promise<Outcome> {
  return withClient(session, options, async (client) => {
    const topic = await client.admin().describeTopic(name);
    const data = { ...topic, partitions: topic.partitions.map(withoutEmptyWait) };
    return { data, text: describedText(session, topic) };
  });
}

type DescribedPartition = TopicDescription['partitions'][number];

/** `waitingFor` is there only where there is no leader. */
function withoutEmptyWait(partition: DescribedPartition): object {
  const { waitingFor, ...rest } = partition;
  return partition.leader === -1 ? { ...rest, waitingFor } : rest;
}

/** What `topic describe` shows to people. */
export function describedText(
  { terminal }: Pick<Session, 'terminal'>,
  topic: Pick<TopicDescription, 'name' | 'topicId' | 'config' | 'partitions'>,
): string {
  const rows = topic.partitions.map((partition) => [
    partition.partition,
    leaderText(partition),
    partition.leaderEpoch,
    partition.replicas.join(' '),
    partition.inSyncReplicas.join(' '),
    partition.eligibleLeaderReplicas.join(' '),
    knownOffset(partition.logStartOffset),
    knownOffset(partition.highWatermark),
    knownOffset(partition.logEndOffset),
    partition.replicaEnds
      .map(({ broker, logEndOffset }) => `${broker}:${knownOffset(logEndOffset)}`)
      .join(' '),
  ]);
  const headings = [
    'partition',
    'leader',
    'epoch',
    'replicas',
    'in sync',
    'eligible',
    'start',
    'high watermark',
    'end',
    'ends of replicas',
  ];
  const settings = Object.entries(topic.config).map(([name, value]) => `  ${name}=${value ?? ''}`);
  return [`topic ${topic.name} (${topic.topicId})`, ...settings, table(terminal, headings, rows)].join('\n');
}

/** Of a leader that did not answer nothing is known, nor of a replica that has not been heard of since its leader began. */
function knownOffset(offset: number): number | typeof unknownCell {
  return offset < 0 ? unknownCell : offset;
}

function leaderText({ leader, waitingFor }: DescribedPartition): string {
  if (leader !== -1) return String(leader);
  return waitingFor.length === 0 ? 'none' : `none, waits for ${waitingFor.join(' ')}`;
}

interface AlterOptions extends ClusterOptions {
  readonly partitions?: number;
  readonly replicaAssignment?: readonly (readonly number[])[];
  readonly set?: readonly Setting[];
  readonly unset?: readonly string[];
}

/** `topic alter` */
export async function alterTopic(session: Session, name: string, options: AlterOptions): Promise<Outcome> {
  const { partitions, replicaAssignment: assignment, set = [], unset = [] } = options;
  const changes = Object.fromEntries<string | null>([
    ...set.map((entry): [string, string] => [entry.name, entry.value]),
    ...unset.map((setting): [string, null] => [setting, null]),
  ]);
  if (partitions === undefined && Object.keys(changes).length === 0)
    throw usageFailure('nothing to alter', 'Give --partitions N, --set NAME=VALUE or --unset NAME.');
  return withClient(session, options, async (client) => {
    const admin = client.admin();
    if (Object.keys(changes).length > 0) await admin.alterConfig(name, changes);
    if (partitions !== undefined) await admin.createPartitions(name, partitions, assignment);
    const data = { name, config: changes, ...(partitions === undefined ? {} : { partitions }) };
    return { data, text: `altered topic ${name}` };
  });
}

/** `topic delete` */
export async function deleteTopic(session: Session, name: string, options: ClusterOptions): Promise<Outcome> {
  return withClient(session, options, async (client) => {
    await client.admin().deleteTopic(name);
    return { data: { name }, text: `deleted topic ${name}` };
  });
}

interface ElectOptions extends ClusterOptions {
  readonly partition?: number;
  readonly kind: 'preferred' | 'unclean' | 'last-known-leader';
}

/** `topic elect` */
export async function electLeaders(session: Session, name: string, options: ElectOptions): Promise<Outcome> {
  const kind: ElectionKind = options.kind === 'last-known-leader' ? 'last known leader' : options.kind;
  return withClient(session, options, async (client) => {
    const admin = client.admin();
    const partitions =
      options.partition === undefined
        ? (await admin.describeTopic(name)).partitions.map((partition) => partition.partition)
        : [options.partition];
    const elected = await admin.electLeaders(
      kind,
      partitions.map((partition) => ({ topic: name, partition })),
    );
    const wrong = elected.find(({ error }) => error !== undefined && error.code !== 'ELECTION_NOT_NEEDED');
    if (wrong?.error !== undefined) throw failureOfClient(wrong.error);
    const data = elected.map(({ partition, leader, error }) => ({
      partition,
      leader,
      ...(error === undefined ? {} : { error: error.code }),
    }));
    const text = elected.map(({ partition, leader, error }) =>
      error === undefined
        ? `${name}-${partition}: broker ${leader} leads`
        : `${name}-${partition}: no election was needed`,
    );
    return { data: { name, partitions: data }, text: text.join('\n') };
  });
}
