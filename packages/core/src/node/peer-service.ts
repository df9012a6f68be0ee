// Requests of other nodes: each goes to the part of this node that answers it. Roles were proved when the link was made (X8).

import type { QuorumApi } from '@odradek/election';
import type { Peer, PeerAnswer, PeerApi, PeerEvidence, PeerHandler, PeerRequest } from '@odradek/model';
import { describeQuorum, type Troubled } from '../api/cluster-status.ts';
import type { OfflinePartition } from '../controller/leadership.ts';
import type { ControllerApi } from '../controller/questions.ts';
import type { NodeCounters } from '../measures/node-measures.ts';
import { sizeOf } from '../measures/traffic.ts';
import { describeLogEnds, describePartitions, explainReplicas } from './describe-replicas.ts';
import type { Metadata } from './metadata.ts';
import type { ReplicaManager } from './replica-manager.ts';

/** The controller, as its peers reach it. */
export interface ControllerService {
  handle(peer: Peer, request: PeerRequest<ControllerApi>, answer: (response: PeerAnswer) => void): void;
  observe(evidence: PeerEvidence): void;
  offline(): readonly OfflinePartition[];
  troubled(): Troubled;
}

export interface PeerServiceNeeds {
  metadata(): Metadata | undefined;
  readonly controller: ControllerService;
  readonly replicas: ReplicaManager;
  readonly counters: NodeCounters;
  brokerEpoch(): number;
  /** Why records of clients are refused; undefined when the disk has room. */
  noRoom(): string | undefined;
}

/** Answers peers. Before the metadata log is open nothing is answered: the asker's time-out says so. */
export class PeerService implements PeerHandler {
  private readonly needs: PeerServiceNeeds;

  constructor(needs: PeerServiceNeeds) {
    this.needs = needs;
  }

  handle(peer: Peer, request: PeerRequest, answer: (response: PeerAnswer) => void): void {
    const metadata = this.needs.metadata();
    if (metadata === undefined) return;
    const answered = this.needs.counters.peerRequests.begin(request.api);
    this.dispatch(metadata, peer, request, (response) => {
      answered(response.body);
      answer(response);
    });
  }

  private dispatch(
    metadata: Metadata,
    peer: Peer,
    request: PeerRequest,
    answer: (response: PeerAnswer) => void,
  ): void {
    const { replicas, controller } = this.needs;
    if (isForQuorum(request)) {
      metadata.quorum.handle(peer, request, answer);
      return;
    }
    const hosted = replicas.hosted.byKey;
    switch (request.api) {
      case 'fetchReplicas':
        replicas.fetch(peer.id, request.body, (body) => {
          for (const { records } of body.partitions)
            if (records.length > 0) this.needs.counters.replicationBytesOut += sizeOf(records);
          answer({ api: 'fetchReplicas', body });
        });
        break;
      case 'reportFlushed':
        answer({ api: 'reportFlushed', body: replicas.reportFlushed(peer.id, request.body) });
        break;
      case 'describeLogEnds':
        answer({
          api: 'describeLogEnds',
          body: describeLogEnds(hosted, this.needs.brokerEpoch(), request.body),
        });
        break;
      case 'describePartitions':
        answer({ api: 'describePartitions', body: describePartitions(hosted, request.body) });
        break;
      case 'explainReplicas':
        answer({
          api: 'explainReplicas',
          body: explainReplicas(hosted, replicas.brokerId, this.needs.noRoom() ?? '', request.body),
        });
        break;
      case 'describeQuorum':
        answer({ api: 'describeQuorum', body: describeQuorum(metadata.quorum, controller) });
        break;
      default:
        controller.handle(peer, request, answer);
    }
  }

  observe(evidence: PeerEvidence): void {
    this.needs.metadata()?.quorum.observe(evidence);
    this.needs.controller.observe(evidence);
  }
}

const quorumApis: ReadonlySet<PeerApi> = new Set<QuorumApi>([
  'vote',
  'beginQuorumEpoch',
  'endQuorumEpoch',
  'fetchMetadata',
  'fetchSnapshot',
]);

function isForQuorum(request: PeerRequest<PeerApi>): request is PeerRequest<QuorumApi> {
  return quorumApis.has(request.api);
}
