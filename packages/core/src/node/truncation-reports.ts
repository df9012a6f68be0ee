// What followers cut after an unclean election, on its way into the metadata (F7). Asked again until a controller has it: a
// loss that nobody reports is a bug (V9).

import type { BrokerEpoch, Clock, PartitionKey } from '@odradek/model';
import type { TruncationReport } from '@odradek/replication';
import type { ControllerChannel } from './controller-channel.ts';

type Report = PartitionKey & TruncationReport;

const RETRY_MS = 100;

/** Reports of one broker, in the order in which its replicas cut. */
export class TruncationReports {
  private readonly controller: ControllerChannel;
  private readonly clock: Pick<Clock, 'setTimeout'>;
  private readonly brokerId: number;
  private readonly brokerEpoch: () => BrokerEpoch | undefined;
  private readonly timeoutMs: number;
  private waiting: readonly Report[] = [];
  private isBusy = false;
  private isClosed = false;

  constructor(
    controller: ControllerChannel,
    clock: Pick<Clock, 'setTimeout'>,
    brokerId: number,
    brokerEpoch: () => BrokerEpoch | undefined,
    timeoutMs: number,
  ) {
    this.controller = controller;
    this.clock = clock;
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
    this.timeoutMs = timeoutMs;
  }

  report(partition: PartitionKey, report: TruncationReport): void {
    this.waiting = [...this.waiting, { ...partition, ...report }];
    this.send();
  }

  close(): void {
    this.isClosed = true;
  }

  private send(): void {
    const brokerEpoch = this.brokerEpoch();
    if (this.isBusy || this.isClosed || this.waiting.length === 0) return;
    this.isBusy = true;
    const sent = this.waiting;
    if (brokerEpoch === undefined) {
      this.retry();
      return;
    }
    const truncations = sent.map(
      ({ topicId, partition, leaderEpoch, fromOffset, toOffset, highWatermark }) => ({
        ...{ topicId, partition, leaderEpoch, fromOffset, toOffset, highWatermark },
      }),
    );
    const body = { brokerId: this.brokerId, brokerEpoch, truncations };
    this.controller.request({ api: 'reportTruncations', body }, this.timeoutMs, (reply) => {
      if (reply.outcome !== 'answered' || reply.response.error !== 'NONE') {
        this.retry();
        return;
      }
      this.isBusy = false;
      this.waiting = this.waiting.slice(sent.length);
      this.send();
    });
  }

  private retry(): void {
    this.clock.setTimeout(() => {
      this.isBusy = false;
      this.send();
    }, RETRY_MS);
  }
}
