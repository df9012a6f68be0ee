// Changes of in-sync sets on their way to the controller: of a broker one request is in flight at a time, with all that has
// gathered meanwhile (I5).

import type { BrokerEpoch, KafkaErrorName, PartitionKey, PeerRequest, PeerResponse } from '@odradek/model';
import { isKafkaErrorName, partitionKey } from '@odradek/model';
import type { InSyncProposal, ProposalResult } from '@odradek/replication';
import type { ControllerChannel } from './controller-channel.ts';

interface Waiting {
  readonly partition: PartitionKey;
  readonly proposal: InSyncProposal;
  readonly settled: (result: ProposalResult) => void;
}

type Answer = PeerResponse<'alterPartitions'>;

/** Sends proposals of all leaders at this broker. */
export class Proposals {
  private readonly controller: ControllerChannel;
  private readonly brokerId: number;
  private readonly brokerEpoch: () => BrokerEpoch;
  private readonly timeoutMs: number;
  private waiting = new Map<string, Waiting>();
  private isInFlight = false;

  constructor(
    controller: ControllerChannel,
    brokerId: number,
    brokerEpoch: () => BrokerEpoch,
    timeoutMs: number,
  ) {
    this.controller = controller;
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
    this.timeoutMs = timeoutMs;
  }

  /** `settled` is called later, once; a newer proposal of the same partition takes the place of one not sent yet. */
  propose(partition: PartitionKey, proposal: InSyncProposal, settled: Waiting['settled']): void {
    this.waiting.set(partitionKey(partition.topicId, partition.partition), { partition, proposal, settled });
    this.send();
  }

  private send(): void {
    if (this.isInFlight || this.waiting.size === 0) return;
    const sent = this.waiting;
    this.waiting = new Map();
    this.isInFlight = true;
    const request: PeerRequest<'alterPartitions'> = {
      api: 'alterPartitions',
      body: {
        brokerId: this.brokerId,
        brokerEpoch: this.brokerEpoch(),
        partitions: [...sent.values()].map(({ partition, proposal }) => ({
          topicId: partition.topicId,
          partition: partition.partition,
          leaderEpoch: proposal.leaderEpoch,
          partitionEpoch: proposal.partitionEpoch,
          inSyncReplicas: proposal.inSyncReplicas,
          isRecovering: proposal.isRecovering,
        })),
      },
    };
    this.controller.request(request, this.timeoutMs, (reply) => {
      this.isInFlight = false;
      settle(sent, reply.outcome === 'answered' ? reply.response : undefined);
      this.send();
    });
  }
}

function settle(sent: ReadonlyMap<string, Waiting>, answer: Answer | undefined): void {
  const parts = new Map(
    (answer?.partitions ?? []).map((part) => [partitionKey(part.topicId, part.partition), part]),
  );
  for (const [key, { proposal, settled }] of sent) {
    const part = parts.get(key);
    if (part !== undefined)
      settled({
        outcome: 'answered',
        error: errorName(part.error),
        leaderEpoch: part.leaderEpoch,
        partitionEpoch: part.partitionEpoch,
        inSyncReplicas: part.inSyncReplicas,
      });
    else if (answer !== undefined && answer.error !== 'NONE')
      settled({
        outcome: 'answered',
        error: errorName(answer.error),
        leaderEpoch: proposal.leaderEpoch,
        partitionEpoch: proposal.partitionEpoch,
        inSyncReplicas: [],
      });
    else settled({ outcome: 'no answer' });
  }
}

/** An error that this version does not know is answered as one whose meaning is not known. */
function errorName(error: string): KafkaErrorName {
  return isKafkaErrorName(error) ? error : 'UNKNOWN_SERVER_ERROR';
}
