// How fast the simulator is: `npm run speed -w packages/simulator`. Virtual time over real time of whole clusters with all oracles, under load
// and idle, in this process alone, after days that warm it up: what ten thousand seeds in a row come to, V8 reaches only after a dozen. Idle
// with the short timers of `odradek up`, under which each broker sends seven times as many heartbeats, and with those of `odradek broker`.

import { parseArgs } from 'node:util';
import { flagSource, resolveConfiguration, shortTimers } from '@odradek/model';
import { ClusterWorld, Coverage, simulate } from '../src/index.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    ops: { type: 'string', default: '2000' },
    idle: { type: 'string', default: '600' },
    warm: { type: 'string', default: '12' },
  },
});

interface Measured {
  readonly virtualMs: number;
  readonly realMs: number;
  /** Of the processor: a busy machine changes it less than the time that passes. */
  readonly processorMs: number;
}

function measured(act: () => number): Measured {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  const virtualMs = act();
  const { user, system } = process.cpuUsage(used);
  return { virtualMs, realMs: performance.now() - begun, processorMs: (user + system) / 1000 };
}

/** Three brokers that vote, 2,000 records, faults of all kinds that the seed draws. */
function loaded(seed: number): number {
  return simulate({ seed, brokers: 3, ops: Number(values.ops), coverage: new Coverage() }).virtualMs;
}

/** Kafka's own timers, which `odradek broker` has, where those of `up` are shorter. */
function deployedTimers(): Readonly<Record<string, string>> {
  const { origins } = resolveConfiguration([flagSource({ 'node.id': '1' })]);
  const short = [...origins].filter(([name]) => shortTimers.entries.has(name));
  return Object.fromEntries(short.map(([name, { text }]) => [name, text]));
}

/** Three brokers that vote, a topic of three partitions, and nobody who writes or reads. */
function idle(seconds: number, settings: Readonly<Record<string, string>>): number {
  const world = new ClusterWorld({ seed: 1, settings });
  world.startAll();
  world.play('until all-running; topic t 3 3 min.insync.replicas=2; until in-sync t-2 1 2 3');
  const begun = world.time.nowMs;
  world.run(seconds * 1000);
  return world.time.nowMs - begun;
}

function tell(what: string, { virtualMs, realMs, processorMs }: Measured): void {
  const [ofReal, ofProcessor] = [realMs, processorMs].map((ms) => (virtualMs / ms).toFixed(0));
  const seconds = [virtualMs, realMs].map((ms) => (ms / 1000).toFixed(1)).join(' s in ');
  console.log(`${what}: ${seconds} s, ${ofReal} times real time, ${ofProcessor} times processor time`);
}

for (let day = 1; day <= Number(values.warm); day++) loaded(1000 - day);
let all: Measured = { virtualMs: 0, realMs: 0, processorMs: 0 };
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const one = measured(() => loaded(seed));
  all = {
    virtualMs: all.virtualMs + one.virtualMs,
    realMs: all.realMs + one.realMs,
    processorMs: all.processorMs + one.processorMs,
  };
  tell(`under load, seed ${seed}`, one);
}
tell(`under load, ${values.seeds} seeds of ${values.ops} records`, all);
for (const [timers, settings] of [
  ['of `up`', {}],
  ['of a broker', deployedTimers()],
] as const) {
  idle(600, settings);
  tell(
    `idle, three brokers with the timers ${timers}`,
    measured(() => idle(Number(values.idle), settings)),
  );
}
