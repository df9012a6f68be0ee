// Why a partition is offline, under-replicated or refuses writes.

import type { Client, PartitionExplanation } from '@odradek/client';
import { type ClusterOptions, withClient } from '../cluster-client.ts';
import { type Finding, findingsOf } from '../explain/findings.ts';
import { usageFailure } from '../failure.ts';
import { counted, type Outcome } from '../output.ts';
import type { Session } from '../session.ts';

interface Explained {
  readonly told: PartitionExplanation;
  readonly findings: readonly Finding[];
}

/** Of one topic so many partitions are asked about one by one; what they say is likely to be the same. */
const mostPartitions = 20;

/** `explain TOPIC[/PARTITION]` */
export async function explain(session: Session, what: string, options: ClusterOptions): Promise<Outcome> {
  const { topic, partition } = placeOf(what);
  return withClient(session, options, async (client) => {
    const { ids, total } = await partitionsToAsk(client, topic, partition);
    const explained: Explained[] = [];
    for (const id of ids) {
      const told = await client.admin().explainPartition({ topic, partition: id });
      explained.push({ told, findings: findingsOf(told) });
    }
    const data = {
      topic,
      partitions: explained.map(({ told, findings }) => ({ ...told, findings })),
      /** How many of the topic's partitions were not asked about: they looked well, or were too many. */
      notAsked: total - ids.length,
    };
    return { data, text: textOf(session, topic, explained, total) };
  });
}

function placeOf(what: string): { readonly topic: string; readonly partition: number | undefined } {
  const match = /^([a-zA-Z0-9._-]{1,249})(?:\/(\d{1,9}))?$/.exec(what);
  if (match === null)
    throw usageFailure(
      `${JSON.stringify(what.slice(0, 300))} is not TOPIC or TOPIC/PARTITION`,
      'For example: odradek explain laser/1',
    );
  return { topic: match[1] ?? '', partition: match[2] === undefined ? undefined : Number(match[2]) };
}

/** Of a whole topic: those that do not look well in the metadata, or one of each leader: what a broker refuses, it refuses of all. */
async function partitionsToAsk(
  client: Client,
  topic: string,
  partition: number | undefined,
): Promise<{ readonly ids: readonly number[]; readonly total: number }> {
  if (partition !== undefined) return { ids: [partition], total: 1 };
  const { partitions, config } = await client.admin().describeTopic(topic);
  const wanted = Number(config['min.insync.replicas'] ?? 1);
  const suspect = partitions.filter(
    ({ leader, replicas, inSyncReplicas, highWatermark }) =>
      leader === -1 ||
      highWatermark < 0 ||
      inSyncReplicas.length < replicas.length ||
      inSyncReplicas.length < Math.min(wanted, replicas.length),
  );
  const ofLeaders = [...new Map(partitions.toReversed().map((one) => [one.leader, one])).values()];
  const asked = (suspect.length === 0 ? ofLeaders.toReversed() : suspect).slice(0, mostPartitions);
  return { ids: asked.map((one) => one.partition), total: partitions.length };
}

function textOf(
  { terminal }: Session,
  topic: string,
  explained: readonly Explained[],
  total: number,
): string {
  const lines = explained.flatMap(({ findings }) =>
    findings.flatMap(({ text, help }) => [terminal.strong(text), ...help.map((one) => `  ${one}`), '']),
  );
  if (lines.length > 0) {
    const rest = total - explained.length;
    const more = rest === 0 ? [] : [`${counted(rest, 'other partition')} of ${topic} not asked about.`];
    return [...lines, ...more].join('\n').trimEnd();
  }
  if (total > 1)
    return `All is well with ${topic}: ${counted(total, 'partition')}, each led and fully in sync.`;
  return explained.map(({ told }) => wellText(told)).join('\n');
}

function wellText({
  topic,
  partition,
  leader,
  leaderEpoch,
  inSyncReplicas,
  words,
}: PartitionExplanation): string {
  const own = words.find(({ broker }) => broker === leader);
  return `All is well with ${topic}-${partition}: broker ${leader} leads in epoch ${leaderEpoch}, in sync ${inSyncReplicas.join(' ')}, committed up to ${own?.highWatermark ?? '?'}.`;
}
