// What followers are about to cut after an unclean election, on its way into the metadata (F7). Asked again until a controller has
// it: a loss that nobody reports is a bug (V9). Nothing is cut before (V14).

import { type BrokerEpoch, type Clock, type LogView, NO_OFFSET, type UncleanElection } from '@odradek/model';
import type { TruncationReport } from '@odradek/replication';
import type { HostedPartition } from '../partition/hosted-partition.ts';
import type { ControllerChannel } from './controller-channel.ts';
import { actorId } from './hosted-partitions.ts';
import type { Say } from './node-options.ts';

/** What a report needs to know of its partition. */
export type ReportingPartition = Pick<HostedPartition, 'name' | 'hasLedUntil'>;

interface Waiting {
  readonly partition: ReportingPartition;
  readonly report: TruncationReport;
  readonly committed: () => void;
}

const RETRY_MS = 100;
/** Answers that pass by themselves: the controller changes, or this broker registers anew. */
const passing: ReadonlySet<string> = new Set([
  'no controller',
  'controller changed',
  'NOT_CONTROLLER',
  'STALE_BROKER_EPOCH',
  'BROKER_ID_NOT_REGISTERED',
  'timed out',
  'refused',
  'disconnected',
]);

/** Reports of one broker, in the order in which its replicas made them. */
export class TruncationReports {
  private readonly controller: ControllerChannel;
  private readonly clock: Pick<Clock, 'setTimeout'>;
  private readonly brokerId: number;
  private readonly brokerEpoch: () => BrokerEpoch | undefined;
  private readonly timeoutMs: number;
  private readonly say: Say;
  private waiting: readonly Waiting[] = [];
  private isBusy = false;
  private isClosed = false;
  private lastRefusal = '';

  constructor(
    controller: ControllerChannel,
    clock: Pick<Clock, 'setTimeout'>,
    brokerId: number,
    brokerEpoch: () => BrokerEpoch | undefined,
    timeoutMs: number,
    say: Say,
  ) {
    this.controller = controller;
    this.clock = clock;
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
    this.timeoutMs = timeoutMs;
    this.say = say;
  }

  /**
   * `committed`: called once the report is in the metadata for good, unless it was withdrawn before. Its high watermark counts only
   * if it is that of a leader that never stopped; others believe in one that may be old.
   */
  report(partition: ReportingPartition, report: TruncationReport, committed: () => void): void {
    const highWatermark = partition.hasLedUntil(report.leaderEpoch) ? report.highWatermark : NO_OFFSET;
    this.waiting = [...this.waiting, { partition, report: { ...report, highWatermark }, committed }];
    this.send();
  }

  /** C4: an unclean leader tells where it began, once: what others drop below that, its election did not cost. */
  reportStart(partition: ReportingPartition, election: UncleanElection | undefined, log: LogView): void {
    if (election?.leader !== this.brokerId) return;
    const { leaderEpoch, truncations } = election;
    const start = log.epochs.find(({ epoch }) => epoch === leaderEpoch)?.startOffset;
    if (start === undefined || truncations.some(({ brokerId }) => brokerId === this.brokerId)) return;
    const report = { leaderEpoch, fromOffset: start, toOffset: start, highWatermark: NO_OFFSET };
    this.report(partition, report, () => {});
  }

  /** The role that made the reports is over: what the next one would cut may be another range. */
  withdraw(partition: ReportingPartition): void {
    this.waiting = this.waiting.filter((one) => one.partition !== partition);
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
    const truncations = sent.map(({ partition: { name }, report }) => ({
      topicId: name.topicId,
      partition: name.partition,
      ...report,
    }));
    const body = { brokerId: this.brokerId, brokerEpoch, truncations };
    this.controller.request({ api: 'reportTruncations', body }, this.timeoutMs, (reply) => {
      const error = reply.outcome === 'answered' ? reply.response.error : reply.reason;
      if (error === 'NONE') this.committed(sent);
      else this.refused(error);
    });
  }

  private committed(sent: readonly Waiting[]): void {
    this.isBusy = false;
    this.lastRefusal = '';
    const done = this.waiting.filter((one) => sent.includes(one));
    this.waiting = this.waiting.filter((one) => !sent.includes(one));
    for (const { partition, report, committed } of done) {
      this.sayDropped(partition, report);
      committed();
    }
    this.send();
  }

  private sayDropped({ name }: ReportingPartition, report: TruncationReport): void {
    const { leaderEpoch, fromOffset, toOffset } = report;
    if (fromOffset === toOffset) return;
    const range = `offsets ${fromOffset} to ${toOffset - 1}`;
    this.say(
      `${actorId(name)}: drops ${range}, which the leader of epoch ${leaderEpoch}, elected uncleanly, does not have`,
      { actor: `${actorId(name)}/replica`, rule: 'F7' },
    );
  }

  /** Nothing is cut without its report, so a refusal that does not pass is worth a line: those replicas follow nobody meanwhile. */
  private refused(error: string): void {
    if (!passing.has(error) && error !== this.lastRefusal)
      this.say(
        `the controller refuses what replicas here report after an unclean election: ${error}; they cut nothing and follow nobody before it takes it`,
        { rule: 'F7', level: 'error' },
      );
    this.lastRefusal = error;
    this.retry();
  }

  private retry(): void {
    this.clock.setTimeout(() => {
      this.isBusy = false;
      this.send();
    }, RETRY_MS);
  }
}
