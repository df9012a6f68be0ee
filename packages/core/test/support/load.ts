import { walkBatches } from '@odradek/format';
import { type ClientResponse, type LossReport, recordsOfBatch } from '@odradek/model';
import { clientBatch } from './led-partition.ts';
import type { MadeUpCluster } from './made-up-cluster.ts';

const client = { connection: 'load', reachedHost: 'made-up', reachedPort: 0 };

/** A topic with one partition, whoever writes to it, and a ledger of what became of each record. */
export class Load {
  /** Offset and value of every record that was acknowledged. */
  readonly acknowledged: { readonly offset: number; readonly value: string }[] = [];
  /** Values whose outcome nobody has told, or told not to know. */
  readonly unanswered = new Set<string>();
  readonly topicId: string;
  readonly topic = 'laser';
  private readonly cluster: MadeUpCluster;
  private count = 0;

  constructor(
    cluster: MadeUpCluster,
    via: number,
    assignment: readonly number[],
    config: Readonly<Record<string, string>>,
  ) {
    this.cluster = cluster;
    const topic = {
      name: this.topic,
      partitions: -1,
      replicationFactor: -1,
      assignment: [assignment],
      config: Object.entries(config).map(([name, value]) => ({ name, value })),
    };
    const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
    const [made] = cluster.ask(via, { api: 'createTopics', body }).topics;
    if (made?.error !== 'NONE')
      throw new Error(`the topic was not made: ${made?.error} ${made?.errorMessage}`);
    this.topicId = made.topicId;
  }

  /** Sends so many records to a broker, one each millisecond or as answers come; nobody waits for the last answers. */
  write(broker: number, count: number, acks = -1): void {
    for (let sent = 0; sent < count; sent++) {
      this.send(broker, acks);
      this.cluster.clock.advance(1);
    }
  }

  /** Everything sent is acknowledged, but for so many whose outcome nobody can tell. */
  settle(lost = 0): void {
    this.cluster.until('all acknowledged', () => this.unanswered.size <= lost);
  }

  private send(broker: number, acks: number): void {
    this.count += 1;
    const value = `record-${this.count}`;
    this.unanswered.add(value);
    const part = { topicId: this.topicId, partition: 0, leaderEpoch: -1, records: [clientBatch(value)] };
    const request = { api: 'produce', body: { acks, timeoutMs: 60_000, partitions: [part] } } as const;
    this.cluster.nodes.get(broker)?.clients.handle(client, request, (answer) => {
      const [first] = (answer.body as ClientResponse<'produce'>).partitions;
      if (first?.error !== 'NONE') return;
      this.unanswered.delete(value);
      this.acknowledged.push({ offset: first.baseOffset, value });
    });
  }

  /** What a consumer reads from the start. */
  read(broker: number): ReadonlyMap<number, string> {
    const values = new Map<number, string>();
    for (;;) {
      const fetchOffset = values.size;
      const part = {
        topicId: this.topicId,
        partition: 0,
        leaderEpoch: -1,
        fetchOffset,
        lastFetchedEpoch: -1,
      };
      const body = { maxWaitMs: 0, minBytes: 1, maxBytes: 1e6, partitions: [{ ...part, maxBytes: 1e6 }] };
      const [first] = this.cluster.ask(broker, { api: 'fetch', body }).partitions;
      if (first?.error !== 'NONE') throw new Error(`the fetch was answered ${first?.error}`);
      for (const piece of first.records)
        walkBatches(piece, (batch) => {
          for (const record of recordsOfBatch(batch))
            if (record.type === 'TopicRecord') values.set(values.size, record.name);
        });
      if (values.size === fetchOffset) return values;
    }
  }

  /** Undefined while the broker has not heard of the topic. */
  describe(broker: number): ClientResponse<'describeTopic'>['partitions'][number] | undefined {
    return this.cluster.ask(broker, { api: 'describeTopic', body: { name: this.topic } }).partitions[0];
  }

  losses(broker: number): {
    readonly losses: readonly LossReport[];
    readonly discarded: readonly LossReport[];
  } {
    const { losses, discarded } = this.cluster.ask(broker, { api: 'clusterStatus', body: {} });
    return { losses, discarded };
  }

  /** The acknowledged records that nobody can read any more, by offset. */
  missing(broker: number): readonly number[] {
    const there = new Set(this.read(broker).values());
    return this.acknowledged
      .filter(({ value }) => !there.has(value))
      .map(({ offset }) => offset)
      .toSorted((one, other) => one - other);
  }
}

/** Every offset in ranges that are known to the end. */
export function offsetsIn(reports: readonly LossReport[]): readonly number[] {
  return reports.flatMap(({ fromOffset, toOffset }) => {
    if (toOffset === null) throw new Error(`the loss from ${fromOffset} on has no known end`);
    return Array.from({ length: toOffset - fromOffset }, (_, index) => fromOffset + index);
  });
}
