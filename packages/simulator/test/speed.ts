// How fast the simulator is: `npm run speed -w packages/simulator`. Virtual time over real time of whole clusters with all oracles, under load
// and idle, in this process alone, after a day that warms it up.

import { parseArgs } from 'node:util';
import { ClusterWorld, Coverage, simulate } from '../src/index.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    ops: { type: 'string', default: '2000' },
    idle: { type: 'string', default: '120' },
  },
});

interface Measured {
  readonly virtualMs: number;
  readonly realMs: number;
}

function measured(act: () => number): Measured {
  const begun = performance.now();
  return { virtualMs: act(), realMs: performance.now() - begun };
}

/** Three brokers that vote, 2,000 records, faults of all kinds that the seed draws. */
function loaded(seed: number): number {
  return simulate({ seed, brokers: 3, ops: Number(values.ops), coverage: new Coverage() }).virtualMs;
}

/** Three brokers that vote, a topic of three partitions, and nobody who writes or reads. */
function idle(seconds: number): number {
  const world = new ClusterWorld({ seed: 1 });
  world.startAll();
  world.play('until all-running; topic t 3 3 min.insync.replicas=2; until in-sync t-2 1 2 3');
  const begun = world.time.nowMs;
  world.run(seconds * 1000);
  return world.time.nowMs - begun;
}

function tell(what: string, { virtualMs, realMs }: Measured): void {
  const times = (virtualMs / realMs).toFixed(0);
  console.log(
    `${what}: ${(virtualMs / 1000).toFixed(0)} s in ${(realMs / 1000).toFixed(1)} s, ${times} times real time`,
  );
}

loaded(999);
let all: Measured = { virtualMs: 0, realMs: 0 };
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const one = measured(() => loaded(seed));
  all = { virtualMs: all.virtualMs + one.virtualMs, realMs: all.realMs + one.realMs };
  tell(`under load, seed ${seed}`, one);
}
tell(`under load, ${values.seeds} seeds of ${values.ops} records`, all);
idle(5);
tell(
  'idle, three brokers',
  measured(() => idle(Number(values.idle))),
);
