// The cluster at a glance: who leads, who is in sync, what was lost. The JSON is the broker's answer.

import type { ClusterStatus } from '@odradek/client';
import { type ClusterOptions, withClient } from '../cluster-client.ts';
import { counted, type Outcome, table } from '../output.ts';
import type { Session } from '../session.ts';

/** `cluster status` */
export async function clusterStatus(session: Session, options: ClusterOptions): Promise<Outcome> {
  return withClient(session, options, async (client) => {
    const { noQuorum, ...status } = await client.admin().clusterStatus();
    const data = {
      ...status,
      brokers: status.brokers.map(brokerForPrograms),
      quorum: { ...status.quorum, voters: status.quorum.voters.map(voterForPrograms) },
      ...(noQuorum === null ? {} : { noQuorum }),
      losses: status.losses.map(reportForPrograms),
      discarded: status.discarded.map(reportForPrograms),
    };
    return { data, text: statusText(session, status) };
  });
}

type VoterDescription = ClusterStatus['quorum']['voters'][number];

/** Where nodes reach a voter is told to those who join, not here: this form stays. */
function voterForPrograms({ id, directoryId, logEndOffset, reachable }: VoterDescription): object {
  return { id, directoryId, logEndOffset, reachable };
}

/** `trouble` is there only while there is some. */
function brokerForPrograms({ trouble, ...rest }: ClusterStatus['brokers'][number]): object {
  return trouble === '' ? rest : { ...rest, trouble };
}

type LossReport = ClusterStatus['losses'][number];

/** `knownToOffset` is there only while the end is not known. */
function reportForPrograms(report: LossReport): object {
  const { knownToOffset, ...rest } = report;
  return report.toOffset === null ? { ...rest, knownToOffset } : rest;
}

function statusText({ terminal }: Session, status: Omit<ClusterStatus, 'noQuorum'>): string {
  const { quorum, controller } = status;
  const whoDecides =
    controller.id < 0 ? 'no controller' : `controller ${controller.id} (epoch ${controller.epoch})`;
  const brokers = status.brokers.map((broker) => [
    broker.id,
    broker.state,
    broker.address,
    broker.pid,
    broker.leads,
    broker.replicas,
    broker.flushPolicy,
  ]);
  const voters = quorum.voters.map((voter) => [
    voter.id,
    voter.id === quorum.leader ? 'leader' : 'voter',
    voter.logEndOffset,
    voter.reachable ? 'yes' : 'no',
  ]);
  return [
    `cluster ${status.clusterId}, ${whoDecides}`,
    '',
    table(terminal, ['broker', 'state', 'address', 'pid', 'leads', 'replicas', 'flush policy'], brokers),
    '',
    table(terminal, ['voter', 'role', 'end', 'reachable'], voters),
    `metadata committed up to ${quorum.highWatermark}, epoch ${quorum.epoch}`,
    ...section('in trouble', status.brokers.flatMap(troubleText)),
    ...section('offline', status.offlinePartitions.map(offlineText)),
    ...section('under-replicated', status.underReplicatedPartitions.map(missingText)),
    ...section('records lost to unclean elections', status.losses.map(reportText)),
    ...section('uncommitted records discarded', status.discarded.map(reportText)),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function troubleText({ id, trouble }: ClusterStatus['brokers'][number]): string[] {
  return trouble === '' ? [] : [`broker ${id}: ${trouble}`];
}

function offlineText({ topic, partition, waitingFor }: ClusterStatus['offlinePartitions'][number]): string {
  const whom =
    waitingFor.length === 0 ? '' : `, waits for ${waitingFor.map((id) => `broker ${id}`).join(' or ')}`;
  return `${topic}-${partition}${whom}`;
}

function missingText({
  topic,
  partition,
  missing,
}: ClusterStatus['underReplicatedPartitions'][number]): string {
  return `${topic}-${partition}, without ${missing.map((id) => `broker ${id}`).join(', ')}`;
}

function reportText(report: LossReport): string {
  const { topic, partition, fromOffset, toOffset, records, knownToOffset, reportedBy } = report;
  const range =
    toOffset === null
      ? `offsets from ${fromOffset} on, at least up to ${knownToOffset ?? fromOffset} (the end is not known yet)`
      : `offsets ${fromOffset} to ${toOffset - 1}, ${counted(records ?? toOffset - fromOffset, 'record')}`;
  return `${topic}-${partition}: ${range}; leader epoch ${report.leaderEpoch}, reported by ${reportedBy.join(', ')}`;
}
