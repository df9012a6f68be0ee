import { describe, expect, it } from 'vitest';
import { checkPurity } from '../check-purity.ts';
import { house, manifest } from './sample-house.ts';

/** What is refused in one file of a pure room, as `line what`. */
function refused(code: string, room = 'model', file = 'src/a.ts'): string[] {
  const root = house({
    [`packages/${room}/package.json`]: manifest(room),
    [`packages/${room}/${file}`]: code,
  });
  return checkPurity(root).map(({ line, message }) => `${line} ${message.split(' in a pure room')[0]}`);
}

describe('the check of law 2', () => {
  it.each([
    ['const now = Date.now();', 'Date'],
    ['let later: Promise<void>;', 'Promise'],
    ['const f = async () => 1;', 'async'],
    ['class A { async b() { return 1; } }', 'async'],
    ['const x = Math.random();', 'Math.random'],
    ["const x = Math['random']();", 'Math.random'],
    ['const x = new Intl.NumberFormat();', 'Intl'],
    ["const x = (1).toLocaleString('en');", 'toLocaleString'],
    ['setTimeout(() => {}, 1);', 'setTimeout'],
    ['const here = { setTimeout };', 'setTimeout'],
    ["import { open } from 'node:fs';", 'node:fs'],
    ["import { open } from 'fs';", 'fs'],
    ["const x = () => import('./b.ts');", 'a dynamic import'],
    ['const x = process.pid;', 'process'],
    ['const x = globalThis;', 'globalThis'],
    ['const x = Buffer.alloc(1);', 'Buffer'],
  ])('refuses %s', (code, what) => {
    expect(refused(`\n${code}`)).toEqual([`2 ${what}`]);
  });

  it.each([
    '// Date.now() and a Promise',
    "const text = 'async Promise Math.random() setTimeout';",
    'clock.setTimeout(() => {}, 1);',
    'interface Clock { setTimeout(callback: () => void): number; readonly Date: string }',
    'function handle(process: { pid: number }) { return process.pid; }',
    "import { crypto } from './ours.ts'; crypto.seal();",
    'const smallest = Math.min(1, 2);',
  ])('accepts %s', (code) => {
    expect(refused(code)).toEqual([]);
  });

  it('leaves hosts alone', () => {
    expect(refused('await Promise.all([]);', 'host-node')).toEqual([]);
  });

  it('lets only the public face of the client promise', () => {
    const code = 'export let later: Promise<void>;';
    expect(refused(code, 'client', 'src/producer.ts')).toEqual([]);
    expect(refused(code, 'client', 'src/producer.machine.ts')).toEqual(['1 Promise']);
    expect(refused(code, 'client', 'src/batches/batch.ts')).toEqual(['1 Promise']);
  });
});
