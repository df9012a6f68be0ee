// A broker's registration, and what it does to the partitions that it had (C6 and the restart classes).

import {
  type BrokerImage,
  METADATA_VERSION,
  type MetadataRecord,
  metadataVersion,
  NO_BROKER_EPOCH,
  NO_OFFSET,
  type PeerRequest,
  type PeerResponse,
  partitionKey,
  partitionsOf,
  type RestartClass,
  topicByName,
  uncleanElectionsOf,
} from '@odradek/model';
import { decidePartitions, electAfterReturn, leftWithoutLeader, type PartitionTarget } from './leadership.ts';
import type { Decision, Plan } from './plan.ts';

export type Registration = PeerRequest<'registerBroker'>['body'];
type Answer = PeerResponse<'registerBroker'>;

/** What is known of the process that holds the id now. */
export interface Holder {
  /** It was heard in time, and its address was not seen to be dead. */
  readonly isAlive: boolean;
  /** One of its control links is open here: the process lives (design: failure by evidence). */
  readonly isLinked: boolean;
}

/** Whether the new process may lack what the old one had reported of a partition. */
type IsLossy = (topicId: string, partition: number) => boolean;

/** Decides about a registration. One from the process that is registered already is only amended; its broker epoch stays. */
export function registerBroker(plan: Plan, request: Registration, holder: Holder): Decision<Answer> {
  const before = plan.image.brokers.get(request.brokerId);
  const error = refusalOf(plan, request, before, holder);
  if (error !== undefined) return plan.done({ error, brokerEpoch: NO_BROKER_EPOCH });
  if (before !== undefined && before.incarnation === request.incarnation) {
    amend(plan, request, before);
    return plan.done({ error: 'NONE', brokerEpoch: before.brokerEpoch });
  }
  const brokerEpoch = plan.baseOffset;
  const restartClass = provenClass(request, before);
  plan.add([
    registrationRecord(request, brokerEpoch, true, false),
    processRecord(request, brokerEpoch, restartClass),
  ]);
  const unsound = unsoundLogs(plan, request);
  const isLossy = (topicId: string, partition: number): boolean =>
    restartClass === 'lossy' || unsound.has(partitionKey(topicId, partition));
  if (restartClass === 'lossy' || unsound.size > 0) noteLostMembers(plan, request, isLossy);
  takeOver(plan, request, isLossy);
  // What the id had may be settled by this: others wait for it no longer, or it is lossy.
  electAfterReturn(plan);
  return plan.done({ error: 'NONE', brokerEpoch });
}

/**
 * The logs that are lossy alone. Of one that is gone only the name is known: a topic that was made anew since is taken for it, where at worst
 * a replica without a record is not in sync.
 */
function unsoundLogs({ image }: Plan, { failedLogs, missingLogs }: Registration): ReadonlySet<string> {
  const missing = missingLogs.flatMap(({ topic, partition }) => {
    const topicId = topicByName(image, topic)?.topicId;
    return topicId === undefined ? [] : { topicId, partition };
  });
  return new Set([...failedLogs, ...missing].map((log) => partitionKey(log.topicId, log.partition)));
}

function refusalOf(
  plan: Plan,
  request: Registration,
  before: BrokerImage | undefined,
  holder: Holder,
): string | undefined {
  if (request.clusterId !== plan.facts.clusterId) return 'INCONSISTENT_CLUSTER_ID';
  if (!isAddress(request.host, request.port)) return 'INVALID_REQUEST';
  const level = metadataVersion(plan.image);
  if (level < request.minMetadataVersion || level > request.maxMetadataVersion) return 'UNSUPPORTED_VERSION';
  if (before === undefined || before.incarnation === request.incarnation) return undefined;
  // C6: the same directory from a new process proves the old one gone, unless it still holds a link; another directory proves nothing.
  const isSameDirectory = before.directoryIds.includes(request.directoryId);
  const isHeld = holder.isLinked || (!isSameDirectory && !before.isFenced && holder.isAlive);
  return isHeld ? 'DUPLICATE_BROKER_REGISTRATION' : undefined;
}

/** X6, X9: everybody will dial it, and every client is told it. */
function isAddress(host: string, port: number): boolean {
  return /^[\w.:%-]{1,255}$/.test(host) && port >= 1 && port <= 65_535;
}

/**
 * C6: `clean` and `intact` are believed only of the directory that was registered, `clean` only with its last broker epoch. D11: `intact`
 * only if the process that is registered was of this directory: an old copy, put back, does not know of it, and lacks what that
 * process has reported.
 */
function provenClass(request: Registration, before: BrokerImage | undefined): RestartClass {
  if (before === undefined || !before.directoryIds.includes(request.directoryId)) return 'lossy';
  if (request.restartClass === 'clean' && request.previousBrokerEpoch !== before.brokerEpoch) return 'lossy';
  if (request.restartClass === 'intact' && !request.previousIncarnations.includes(before.incarnation))
    return 'lossy';
  return request.restartClass;
}

function amend(plan: Plan, request: Registration, before: BrokerImage): void {
  const [endPoint] = before.endPoints;
  const isSame =
    endPoint?.host === request.host &&
    endPoint.port === request.port &&
    before.rack === request.rack &&
    before.directoryIds.includes(request.directoryId);
  if (isSame) return;
  plan.add([registrationRecord(request, before.brokerEpoch, before.isFenced, before.isShuttingDown)]);
}

function registrationRecord(
  request: Registration,
  brokerEpoch: number,
  fenced: boolean,
  inControlledShutdown: boolean,
): MetadataRecord {
  const { host, port, rack, minMetadataVersion, maxMetadataVersion } = request;
  return {
    type: 'RegisterBrokerRecord',
    brokerId: request.brokerId,
    brokerEpoch,
    incarnationId: request.incarnation,
    endPoints: [{ name: 'PLAINTEXT', host, port, securityProtocol: 0 }],
    features: [
      {
        name: METADATA_VERSION,
        minSupportedVersion: minMetadataVersion,
        maxSupportedVersion: maxMetadataVersion,
      },
    ],
    rack,
    fenced,
    inControlledShutdown,
    logDirs: [request.directoryId],
  };
}

function processRecord(
  { brokerId, processId, flushPolicy }: Registration,
  brokerEpoch: number,
  restartClass: RestartClass,
): MetadataRecord {
  return { type: 'BrokerProcessRecord', brokerId, brokerEpoch, processId, flushPolicy, restartClass };
}

/**
 * Every leadership of the old process ends. What may be lost is neither in sync nor eligible; what is intact keeps its places,
 * fenced as it is, until it is heard or its session is over.
 */
function takeOver(plan: Plan, request: Registration, isLossy: IsLossy): void {
  const id = request.brokerId;
  const isLeft = leftWithoutLeader(plan, id);
  decidePartitions(plan, ({ topic, partition, state }): PartitionTarget | undefined => {
    const place = state.replicas.indexOf(id);
    if (place < 0) return undefined;
    const isLost = isLossy(topic.topicId, partition);
    const isElsewhere = state.directories[place] !== request.directoryId;
    if (!isLost && !isElsewhere && state.leader !== id) return undefined;
    return {
      ...(isLost ? { lossyReplicas: [id] } : {}),
      ...(state.leader === id ? { endsLeadership: true, awaitsLeader: !isLost && isLeft(state) } : {}),
      ...(isElsewhere ? { directories: state.directories.with(place, request.directoryId) } : {}),
    };
  });
}

/** The end of a log that may have lost records says nothing about what had been committed (C4, F7). */
function noteLostMembers(plan: Plan, { brokerId }: Registration, isLossy: IsLossy): void {
  const records: MetadataRecord[] = [];
  for (const { topic, partition } of partitionsOf(plan.image)) {
    const { topicId } = topic;
    if (!isLossy(topicId, partition)) continue;
    for (const election of uncleanElectionsOf(plan.image, topicId, partition)) {
      const isAwaited =
        election.lastInSyncReplicas.includes(brokerId) && !election.reconciled.includes(brokerId);
      if (!isAwaited) continue;
      const range = { fromOffset: 0, toOffset: 0, highWatermark: NO_OFFSET, isLossy: true };
      const at = { topicId, partitionId: partition, electionEpoch: election.leaderEpoch };
      records.push({ type: 'TruncationRecord', ...at, brokerId, ...range });
    }
  }
  plan.add(records);
}
