// The budget of transitions, counted by xstate's own inspection on three whole nodes. Per partition: one for a produce request, and for
// all that come in one turn of the event loop; one for a follower's fetch or flush report that may change a guard's answer, one for a fetch's answer at the follower, three per
// flush of a log; none for a consumer's read, none per record.

import { BatchBuilder, stampProducer } from '@odradek/format';
import { expect, it } from 'vitest';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

const REQUESTS = 20;

/** What the actors of one partition at one node have been sent, by `actor: event`. */
type Counts = Readonly<Record<string, number>>;

class CountedCluster {
  readonly cluster: MadeUpCluster;
  readonly topicId: string;
  readonly leader: number;
  private readonly counts = new Map<number, Map<string, number>>();

  constructor(settings: Readonly<Record<string, string>>) {
    this.cluster = new MadeUpCluster([1, 2, 3], settings);
    for (const id of [1, 2, 3]) this.cluster.start(id);
    this.cluster.until('three running brokers', () =>
      [...this.cluster.nodes.values()].every((node) => node.state === 'running'),
    );
    const topic = { name: 'laser', partitions: 1, replicationFactor: 3, assignment: [], config: [] };
    const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
    this.topicId = this.cluster.ask(1, { api: 'createTopics', body }).topics[0]?.topicId ?? '';
    this.cluster.until(
      'a leader whose followers are in sync',
      () => this.partition()?.inSyncReplicas.length === 3,
    );
    this.leader = this.partition()?.leader ?? 0;
    // The first record of an epoch ends what roles do once: the high watermark is established.
    this.produce(1);
    this.settle();
    for (const [id, node] of this.cluster.nodes) {
      const counted = new Map<string, number>();
      this.counts.set(id, counted);
      node.root.system.inspect((inspection) => {
        if (inspection.type !== '@xstate.event') return;
        const actor = 'id' in inspection.actorRef ? String(inspection.actorRef.id) : '';
        if (!actor.startsWith('laser-0')) return;
        const name = `${actor}: ${inspection.event.type}`;
        counted.set(name, (counted.get(name) ?? 0) + 1);
      });
    }
  }

  get followers(): readonly number[] {
    return [1, 2, 3].filter((id) => id !== this.leader);
  }

  /** Everything at this node since the count began; then the count begins anew. */
  take(id: number): Counts {
    const counted = this.counts.get(id) ?? new Map<string, number>();
    const taken = Object.fromEntries([...counted].toSorted());
    counted.clear();
    return taken;
  }

  /** One request with one batch of so many records, acknowledged by all. */
  produce(records: number): void {
    const response = this.cluster.ask(this.leader, this.request(records));
    expect(response.partitions[0]?.error).toBe('NONE');
  }

  /** So many requests with a record each, one right after the other. */
  produceTogether(requests: number): void {
    const answered: string[] = [];
    for (let count = 0; count < requests; count++)
      this.cluster.send(this.leader, this.request(1), ({ partitions }) =>
        answered.push(partitions[0]?.error ?? ''),
      );
    this.cluster.until('all answered', () => answered.length === requests);
    expect(new Set(answered)).toEqual(new Set(['NONE']));
  }

  private request(records: number) {
    const batch = new BatchBuilder();
    for (let count = 0; count < records; count++) batch.append(0, null, new Uint8Array(10));
    const bytes = batch.finish();
    stampProducer(bytes, { producerId: -1, producerEpoch: -1, baseSequence: -1 });
    const part = { topicId: this.topicId, partition: 0, leaderEpoch: -1, records: [bytes] };
    return { api: 'produce', body: { acks: -1, timeoutMs: 5000, partitions: [part] } } as const;
  }

  consume(): number {
    const part = {
      ...{ topicId: this.topicId, partition: 0, leaderEpoch: -1 },
      ...{ fetchOffset: 0, lastFetchedEpoch: -1, maxBytes: 100_000 },
    };
    const body = { maxWaitMs: 100, minBytes: 1, maxBytes: 100_000, partitions: [part] };
    return this.cluster.ask(this.leader, { api: 'fetch', body }).partitions[0]?.records.length ?? 0;
  }

  /** Until what was begun is over: flushes and the fetches that tell of them. */
  settle(): void {
    this.cluster.clock.advance(100);
  }

  private partition() {
    return this.cluster.ask(1, { api: 'describeTopic', body: { name: 'laser' } }).partitions[0];
  }
}

/** Three per flush of a log. */
const flushed = (times: number) => ({
  'laser-0/log: became dirty': times,
  'laser-0/log: sync began': times,
  'laser-0/log: sync ended': times,
});

const led = { 'laser-0/replica: produce': REQUESTS, 'laser-0/replica: follower progressed': REQUESTS };
const followed = { 'laser-0/replica: fetch answered': REQUESTS };

it('one transition for a produce request, one for the report that commits it, one for an answer at a follower (os)', () => {
  const counted = new CountedCluster({ 'odradek.flush.policy': 'os' });
  for (let request = 0; request < REQUESTS; request++) counted.produce(1);
  counted.settle();
  expect(counted.take(counted.leader)).toEqual(led);
  for (const follower of counted.followers) expect(counted.take(follower)).toEqual(followed);
});

it('three transitions more for each flush of a log (commit)', () => {
  const counted = new CountedCluster({ 'odradek.flush.policy': 'commit' });
  for (let request = 0; request < REQUESTS; request++) counted.produce(1);
  counted.settle();
  expect(counted.take(counted.leader)).toEqual({ ...led, ...flushed(REQUESTS) });
  for (const follower of counted.followers)
    expect(counted.take(follower)).toEqual({ ...followed, ...flushed(REQUESTS) });
});

it.each(['os', 'commit'])('a thousand records cost as many transitions as one (%s)', (policy) => {
  const counted = new CountedCluster({ 'odradek.flush.policy': policy });
  const taken = [1, 1000].map((records) => {
    counted.produce(records);
    counted.settle();
    return [counted.leader, ...counted.followers].map((id) => counted.take(id));
  });
  expect(taken[1]).toEqual(taken[0]);
});

it('one transition for all produce requests of a turn of the event loop, whoever asks', () => {
  const counted = new CountedCluster({ 'odradek.flush.policy': 'os' });
  counted.produceTogether(REQUESTS);
  counted.settle();
  expect(counted.take(counted.leader)).toEqual({
    'laser-0/replica: produce': 1,
    'laser-0/replica: follower progressed': 1,
  });
  for (const follower of counted.followers)
    expect(counted.take(follower)).toEqual({ 'laser-0/replica: fetch answered': 1 });
});

it("a consumer's reads cost none", () => {
  const counted = new CountedCluster({ 'odradek.flush.policy': 'commit' });
  for (let read = 0; read < REQUESTS; read++) expect(counted.consume()).toBeGreaterThan(0);
  for (const id of [counted.leader, ...counted.followers]) expect(counted.take(id)).toEqual({});
});

it('at rest a partition makes no transitions, but the check for members that lag', () => {
  const counted = new CountedCluster({ 'odradek.flush.policy': 'commit' });
  // Fetches that wait come back with the last high watermark.
  counted.cluster.clock.advance(5000);
  for (const id of [1, 2, 3]) counted.take(id);
  counted.cluster.clock.advance(10_000);
  const names = [1, 2, 3].flatMap((id) => Object.keys(counted.take(id)));
  expect(names.filter((name) => !name.includes('lag check interval'))).toEqual([]);
});

it('at rest a node makes a step for each heartbeat, and none for an answer that says nothing new (C7)', () => {
  const { cluster } = new CountedCluster({ 'odradek.flush.policy': 'commit' });
  cluster.clock.advance(5000);
  const counted = new Map<string, number>();
  for (const node of cluster.nodes.values())
    node.root.system.inspect((inspection) => {
      if (inspection.type !== '@xstate.event' || !('id' in inspection.actorRef)) return;
      const name = `${inspection.actorRef.id}: ${inspection.event.type.split('.').slice(0, 3).join('.')}`;
      counted.set(name, (counted.get(name) ?? 0) + 1);
    });
  cluster.clock.advance(10_000);
  const beats = counted.get('broker: xstate.after.heartbeat interval');
  expect(beats).toBeGreaterThan(0);
  expect(counted.get('controller: asked')).toBe(beats);
  const rare = new Set(['controller: sessions due', 'controller: balance due']);
  expect([...counted.keys()].filter((name) => !rare.has(name)).toSorted()).toEqual([
    'broker: xstate.after.heartbeat interval',
    'controller: asked',
    'quorum: fetch answered',
    'quorum: fetch requested',
    'quorum: xstate.after.listening interval',
  ]);
});
