// `npm run check`: what must hold of the text of the repository: its form, its lint rules, its types.

import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);

const checks: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['form and lint', bin('biome'), 'check', '--error-on-warnings'],
  ['types of the pure rooms', bin('tsc'), '-p', 'tsconfig.pure.json'],
  ['types of the rest', bin('tsc'), '-p', 'tsconfig.node.json'],
];

for (const [name, command, ...args] of checks) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', cwd: root });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status !== 0) process.exitCode = 1;
}
