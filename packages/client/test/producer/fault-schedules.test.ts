// Any schedule of faults: what was acknowledged is there, where it was said to be; nothing is there twice; the order of sending is
// the order of the log; what was refused for sure is not there.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OdradekError } from '../../src/index.ts';
import { clientOnFakes, type OnFakes } from '../support/client-on-fakes.ts';

type Fault =
  | { readonly kind: 'drop'; readonly broker: number; readonly laterMs: number | undefined }
  | { readonly kind: 'move'; readonly partition: number; readonly leader: number }
  | { readonly kind: 'mute' | 'crash'; readonly broker: number; readonly forMs: number }
  | { readonly kind: 'lack replicas'; readonly forMs: number }
  | { readonly kind: 'shrink'; readonly mostBatchBytes: number; readonly forMs: number }
  | { readonly kind: 'isolate'; readonly broker: number; readonly forMs: number }
  | { readonly kind: 'slow'; readonly latencyMs: number };

const broker = fc.integer({ min: 1, max: 3 });
const forMs = fc.integer({ min: 1, max: 1500 });
const laterMs = fc.option(fc.integer({ min: 0, max: 1200 }), { nil: undefined });
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('drop' as const), broker, laterMs }),
  fc.record({ kind: fc.constant('move' as const), partition: fc.nat(1), leader: broker }),
  fc.record({ kind: fc.constantFrom('mute' as const, 'crash' as const), broker, forMs }),
  fc.record({ kind: fc.constant('lack replicas' as const), forMs }),
  fc.record({
    kind: fc.constant('shrink' as const),
    mostBatchBytes: fc.integer({ min: 60, max: 300 }),
    forMs,
  }),
  fc.record({ kind: fc.constant('isolate' as const), broker, forMs }),
  fc.record({ kind: fc.constant('slow' as const), latencyMs: fc.integer({ min: 1, max: 80 }) }),
);

const schedule = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
  batchSize: fc.constantFrom(1, 60, 400),
  compression: fc.constantFrom('none' as const, 'gzip' as const),
  lingerMs: fc.constantFrom(0, 10),
  acks: fc.constantFrom('all' as const, 1 as const),
  idempotence: fc.boolean(),
  deliveryTimeoutMs: fc.constantFrom(700, 60_000),
  hints: fc.boolean(),
  everyMs: fc.integer({ min: 1, max: 40 }),
  faults: fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 1500 }), fault }), { maxLength: 12 }),
});

const RECORDS = 60;

/** It tells what it knew, answers nothing that needs its peers, and may have taken what it was sent. */
function isolate({ cluster, clock }: OnFakes, isolated: number, durationMs: number): void {
  const asItWas = cluster.handle(isolated, { api: 'metadata', body: { topics: null } });
  const before = cluster.override;
  cluster.override = (broker, request, mayWait) => {
    if (broker !== isolated || request.api === 'initProducerId') return before(broker, request, mayWait);
    return request.api === 'metadata' ? asItWas : 'nothing ever';
  };
  clock.setTimeout(() => {
    cluster.override = before;
  }, durationMs);
}

function apply(onFakes: OnFakes, fault: Fault): void {
  const { cluster, clock } = onFakes;
  switch (fault.kind) {
    case 'shrink':
      cluster.mostBatchBytes = fault.mostBatchBytes;
      clock.setTimeout(() => {
        cluster.mostBatchBytes = Number.POSITIVE_INFINITY;
      }, fault.forMs);
      break;
    case 'isolate':
      isolate(onFakes, fault.broker, fault.forMs);
      break;
    case 'drop':
      cluster.drop(fault.broker, fault.laterMs);
      break;
    case 'move':
      cluster.moveLeader('orders', fault.partition, fault.leader);
      break;
    case 'mute':
      cluster.mute.add(fault.broker);
      clock.setTimeout(() => cluster.mute.delete(fault.broker), fault.forMs);
      break;
    case 'crash':
      cluster.down.add(fault.broker);
      cluster.drop(fault.broker);
      clock.setTimeout(() => cluster.down.delete(fault.broker), fault.forMs);
      break;
    case 'lack replicas':
      cluster.lacksReplicas = true;
      clock.setTimeout(() => {
        cluster.lacksReplicas = false;
      }, fault.forMs);
      break;
    case 'slow':
      cluster.latencyMs = fault.latencyMs;
      break;
  }
}

interface Ledger {
  /** Where each text was said to be. */
  readonly acknowledged: Map<string, { readonly partition: number; readonly offset: number }>;
  readonly failed: Map<string, OdradekError>;
}

/** Sends numbered records while the faults happen, and waits for the end of each. */
async function run(onFakes: OnFakes, plan: Plan): Promise<Ledger> {
  const { clock, cluster, client } = onFakes;
  cluster.hints = plan.hints;
  cluster.addTopic('orders', 2);
  const { batchSize, compression, lingerMs, acks, idempotence, deliveryTimeoutMs } = plan;
  const producer = client.producer({
    batchSize,
    compression,
    lingerMs,
    acks,
    idempotence,
    deliveryTimeoutMs,
  });
  const ledger: Ledger = { acknowledged: new Map(), failed: new Map() };
  for (const { atMs, fault: one } of plan.faults) clock.setTimeout(() => apply(onFakes, one), atMs);
  for (let index = 0; index < RECORDS; index++) {
    clock.setTimeout(() => {
      const value = String(index);
      producer.send({ topic: 'orders', partition: index % 2, value }).then(
        ({ partition, offset }) => ledger.acknowledged.set(value, { partition, offset }),
        (error: unknown) => {
          if (!(error instanceof OdradekError)) throw error;
          ledger.failed.set(value, error);
        },
      );
    }, index * plan.everyMs);
  }
  await clock.until(() => ledger.acknowledged.size + ledger.failed.size === RECORDS);
  // What was held back somewhere arrives now.
  clock.advance(5000);
  return ledger;
}

function check({ cluster }: OnFakes, ledger: Ledger, isIdempotent: boolean): void {
  for (const partition of [0, 1]) {
    const texts = cluster.partition('orders', partition).log.texts();
    const numbers = texts.map(({ text }) => Number(text));
    expect(new Set(numbers).size).toBe(numbers.length);
    // Without sequences a request that was given up may still arrive, behind others: its record was said to be unknown.
    const ordered = isIdempotent
      ? numbers
      : numbers.filter((number) => ledger.acknowledged.has(String(number)));
    expect(ordered).toEqual(ordered.toSorted((one, other) => one - other));
    for (const { text, offset } of texts) {
      expect(ledger.failed.get(text)?.outcome).not.toBe('refused');
      const said = ledger.acknowledged.get(text);
      if (said !== undefined) expect(said).toEqual({ partition, offset });
    }
  }
  const kept = [0, 1].flatMap((partition) => cluster.partition('orders', partition).log.texts());
  const there = new Set(kept.map(({ text }) => text));
  for (const text of ledger.acknowledged.keys()) expect(there.has(text)).toBe(true);
}

type Plan = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

/** Failed once. */
const known: [Plan][] = [
  [
    {
      // The second part of a batch that was too large was taken while the first was refused, too large still.
      ...{ seed: 1, batchSize: 400, compression: 'none', lingerMs: 0, acks: 'all', idempotence: false },
      ...{ deliveryTimeoutMs: 60_000, hints: false, everyMs: 1 },
      faults: [
        { atMs: 0, fault: { kind: 'isolate', broker: 1, forMs: 7 } },
        { atMs: 0, fault: { kind: 'shrink', mostBatchBytes: 70, forMs: 778 } },
      ],
    },
  ],
];

it('P1 S40 S42 E1 no schedule of faults reorders, drops or repeats (property)', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (plan) => {
      const onFakes = clientOnFakes({ requestTimeoutMs: 250 }, plan.seed);
      check(onFakes, await run(onFakes, plan), plan.idempotence);
    }),
    { numRuns: 200, examples: known },
  );
});
