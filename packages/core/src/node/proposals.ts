// Changes of in-sync sets on their way to the controller: of a broker one request is in flight at a time, with all that has
// gathered meanwhile (I5). Leaders whose change no controller has answered ask again, but for crowds of them, for which it is done here, all
// at once: thousands that each came back by a timer of their own would keep the node from hearing who is the controller now.

import type {
  BrokerEpoch,
  Clock,
  KafkaErrorName,
  PartitionKey,
  PeerRequest,
  PeerResponse,
  TimerHandle,
} from '@odradek/model';
import { isKafkaErrorName, partitionKey } from '@odradek/model';
import type { InSyncProposal, ProposalResult } from '@odradek/replication';
import type { ControllerChannel } from './controller-channel.ts';

interface Waiting {
  readonly partition: PartitionKey;
  readonly proposal: InSyncProposal;
  readonly settled: (result: ProposalResult) => void;
}

type Answer = PeerResponse<'alterPartitions'>;

/** More proposals than this are asked again together. */
const CROWD = 64;

export interface ProposalsOptions {
  readonly controller: Pick<ControllerChannel, 'request'>;
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  readonly brokerId: number;
  readonly brokerEpoch: () => BrokerEpoch;
  /** How long an answer may take. */
  readonly timeoutMs: number;
  /** How long after a request without one it is asked again. */
  readonly retryMs: number;
}

/** Sends proposals of all leaders at this broker. */
export class Proposals {
  private readonly options: ProposalsOptions;
  private waiting = new Map<string, Waiting>();
  private isInFlight = false;
  private rest: TimerHandle | undefined;

  constructor(options: ProposalsOptions) {
    this.options = options;
  }

  /** `settled` is called later, once; a newer proposal of the same partition takes the place of one not sent yet. */
  propose(partition: PartitionKey, proposal: InSyncProposal, settled: Waiting['settled']): void {
    this.waiting.set(partitionKey(partition.topicId, partition.partition), { partition, proposal, settled });
    this.send();
  }

  /** Nothing is asked any more. */
  close(): void {
    this.waiting.clear();
    if (this.rest !== undefined) this.options.clock.clearTimeout(this.rest);
  }

  private send(): void {
    if (this.isInFlight || this.rest !== undefined || this.waiting.size === 0) return;
    const { controller, brokerId, brokerEpoch, timeoutMs } = this.options;
    const sent = this.waiting;
    this.waiting = new Map();
    this.isInFlight = true;
    const request: PeerRequest<'alterPartitions'> = {
      api: 'alterPartitions',
      body: {
        brokerId,
        brokerEpoch: brokerEpoch(),
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
    controller.request(request, timeoutMs, (reply) => {
      this.isInFlight = false;
      const answer = reply.outcome === 'answered' ? reply.response : undefined;
      // Whether any of it is done nobody knows: each is pending still, and both sets gate commits (L5).
      if (answer?.error !== 'NONE' && sent.size > CROWD) this.sendAgainLater(sent);
      else settle(sent, answer);
      this.send();
    });
  }

  private sendAgainLater(sent: ReadonlyMap<string, Waiting>): void {
    this.waiting = new Map([...sent, ...this.waiting]);
    this.rest = this.options.clock.setTimeout(() => {
      this.rest = undefined;
      this.send();
    }, this.options.retryMs);
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
