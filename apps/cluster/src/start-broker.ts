// The outermost lines of a broker's process under `up`: the program itself is a file of its own (`broker-process.ts`), run as it was compiled before.

import { join } from 'node:path';
import type { BrokerProcess } from './broker-process.ts';
import { loadCompiled } from './compiled-program.ts';

const { exports, keep } = loadCompiled(join(import.meta.dirname, 'broker-process.cjs'), process.env);
// Both are of one build.
await (exports as BrokerProcess).runBrokerProcess(keep);
