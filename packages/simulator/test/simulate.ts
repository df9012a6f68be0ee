// Plays many seeds, or one: npm run simulate -w packages/simulator -- quorum 1 500

import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { traceWriter } from '@odradek/trace';
import { runCluster } from '../src/cluster-run.ts';
import { runQuorum } from '../src/quorum-run.ts';

const runs = { quorum: runQuorum, cluster: runCluster } as const;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { trace: { type: 'string' } },
});
const [kind = '', from = '1', to = from] = positionals;
if (!isKind(kind) || !(Number(from) <= Number(to))) {
  console.error(
    `"${positionals.join(' ')}": expected a world (${Object.keys(runs).join(', ')}) and a seed, or two`,
  );
  process.exit(2);
}

function isKind(word: string): word is keyof typeof runs {
  return Object.hasOwn(runs, word);
}

const file = values.trace === undefined ? undefined : createWriteStream(values.trace);
const begun = performance.now();
let failures = 0;
let virtualMs = 0;
for (let seed = Number(from); seed <= Number(to); seed++) {
  const repeat = `npm run simulate -w packages/simulator -- ${kind} ${seed}`;
  const told =
    file === undefined ? {} : { telling: { tell: traceWriter(repeat, (line) => file.write(line)).tell } };
  try {
    const result = runs[kind]({ seed, repeat, ...told });
    virtualMs += result.virtualMs;
    if (from === to) console.log({ ...result, schedule: result.schedule.join('; ') });
  } catch (error) {
    failures++;
    console.error(`seed ${seed}:`, error);
  }
}
file?.end();
const seconds = (performance.now() - begun) / 1000;
console.log(
  `seeds ${from} to ${to}: ${failures} failed; ${(virtualMs / 3.6e6).toFixed(2)} hours of virtual time in ${seconds.toFixed(1)} s`,
);
process.exitCode = failures === 0 ? 0 : 1;
