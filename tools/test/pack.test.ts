import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packPackage } from '../pack.ts';
import { repositoryRoot } from '../workspace.ts';
import { house } from './sample-house.ts';

const names = ['format', 'model', 'trace'];

/** A folder outside the repository, with the packages unpacked as an installation would. */
function stranger(tarballs: readonly string[], files: Readonly<Record<string, string>>): string {
  const root = house({ 'package.json': '{"type":"module"}', ...files });
  for (const [index, tarball] of tarballs.entries()) {
    const directory = join(root, 'node_modules/@odradek', names[index] ?? '');
    mkdirSync(directory, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', directory, '--strip-components=1']);
  }
  symlinkSync(join(repositoryRoot, 'node_modules/xstate'), join(root, 'node_modules/xstate'), 'junction');
  return root;
}

describe('packed packages', () => {
  let tarballs: string[] = [];
  beforeAll(() => {
    tarballs = names.map((name) => packPackage(join(repositoryRoot, 'packages', name)));
  });

  it('draw a machine from built files, in a folder outside the repository', () => {
    const root = stranger(tarballs, {
      'draw.js': `import { chartOf, mermaidOf } from '@odradek/trace';
import { createMachine } from 'xstate';
const door = createMachine({ id: 'door', initial: 'shut', states: { shut: { on: { push: 'open' } }, open: {} } });
console.log(import.meta.resolve('@odradek/model'), mermaidOf(chartOf(door)));`,
    });
    const printed = execFileSync(process.execPath, [join(root, 'draw.js')], { encoding: 'utf8' });
    expect(printed).toContain('shut --> open : push');
    expect(printed).toContain('model/dist/index.js');
  });

  it('bring their types', () => {
    const root = stranger(tarballs, {
      'use.ts': `import { type Chart, mermaidOf } from '@odradek/trace';
import type { Clock } from '@odradek/model';
export const draw = (chart: Chart, clock: Clock): [string, number] => [mermaidOf(chart), clock.nowMs()];
// @ts-expect-error A chart is not a number, which the compiler only knows from the packed types.
mermaidOf(1);`,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          ...{ module: 'nodenext', target: 'es2023', strict: true },
          ...{ noEmit: true, skipLibCheck: true, types: [] },
        },
        files: ['use.ts'],
      }),
    });
    const compiler = join(repositoryRoot, 'node_modules/.bin/tsc');
    expect(execFileSync(compiler, ['-p', root], { encoding: 'utf8' })).toBe('');
  });
});
