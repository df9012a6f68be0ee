// What clients are answered with at a node: the broker API, wired to the node's parts.

import {
  emptyImage,
  type LiveConfiguration,
  type MetadataImage,
  NO_LEADER,
  topicSetting,
} from '@odradek/model';
import { BrokerApi } from '../api/broker-api.ts';
import { isLeaderGone, missingQuorum } from '../api/cluster-status.ts';
import { configOf } from '../api/describe-configs.ts';
import { LeaderLookup } from '../api/leader-lookup.ts';
import { ProducerIds } from '../api/producer-ids.ts';
import type { NodeCounters } from '../measures/node-measures.ts';
import type { Deadlines } from '../waiting/deadlines.ts';
import type { Wakers } from '../waiting/wakers.ts';
import type { ControllerChannel } from './controller-channel.ts';
import type { Metadata } from './metadata.ts';
import { type NodeOptions, soonAt } from './node-options.ts';
import type { OwnPeer } from './own-peer.ts';
import type { ReplicaManager } from './replica-manager.ts';

const DESCRIBE_TIMEOUT_MS = 2000;
const ADMIN_GRACE_MS = 1000;
const ALLOCATE_TIMEOUT_MS = 5000;

/** The parts of a node that its answers come from. */
export interface ClientDoorParts {
  readonly options: NodeOptions;
  readonly configuration: LiveConfiguration;
  readonly network: OwnPeer;
  readonly channel: ControllerChannel;
  readonly deadlines: Deadlines;
  readonly counters: NodeCounters;
  readonly replicas: ReplicaManager;
  /** Woken after each replay. */
  readonly imageChanges: Wakers;
  /** Undefined while the metadata log is not open. */
  metadata(): Metadata | undefined;
  brokerEpoch(): number;
}

/** The broker API of a node. */
export function clientDoor(parts: ClientDoorParts): BrokerApi {
  const { options, configuration, network, channel, deadlines, counters, replicas } = parts;
  const { identity, ports } = options;
  const image = (): MetadataImage => parts.metadata()?.image ?? emptyImage;
  const quorum = () => parts.metadata()?.quorum;
  return new BrokerApi({
    configuration,
    image,
    controllerId: () => channel.controllerId ?? NO_LEADER,
    clusterId: identity.clusterId,
    brokerId: identity.nodeId,
    clock: ports.clock,
    network,
    controller: channel,
    deadlines,
    traffic: counters.traffic,
    counts: counters.clientRequests,
    brokerSinceMs: (id) => parts.metadata()?.brokerSinceMs(id),
    imageChanges: parts.imageChanges,
    leaders: new LeaderLookup(replicas.hosted.byKey, image),
    maxBytes: () => configuration.values['fetch.max.bytes'],
    timeoutMs: DESCRIBE_TIMEOUT_MS,
    graceMs: ADMIN_GRACE_MS,
    soon: (callback) => soonAt(options, callback),
    quorum,
    producerIds: new ProducerIds((done) => allocateProducerIds(parts, done)),
    grown: (partitions) => replicas.grown(partitions),
    isInformed: () => image().offset >= 0 && quorum()?.isStuck !== true,
    isUncleanEnabled: (topic) =>
      topicSetting(image(), configuration, topic, 'unclean.leader.election.enable'),
    configOf: (topic) => configOf(image(), configuration, topic),
    isControllerGone: () => {
      const known = quorum();
      return known !== undefined && isLeaderGone(known.describe());
    },
    missingQuorum: () => {
      const known = quorum();
      if (known?.isStuck === true) return 'this node cannot write what is new in the metadata: ask another';
      return known === undefined ? 'this node is starting' : missingQuorum(known.describe());
    },
  });
}

function allocateProducerIds(
  { options, channel, brokerEpoch }: ClientDoorParts,
  done: Parameters<ConstructorParameters<typeof ProducerIds>[0]>[0],
): void {
  const body = { brokerId: options.identity.nodeId, brokerEpoch: brokerEpoch() };
  channel.request({ api: 'allocateProducerIds', body }, ALLOCATE_TIMEOUT_MS, (reply) =>
    done(reply.outcome === 'answered' ? reply.response : undefined),
  );
}
