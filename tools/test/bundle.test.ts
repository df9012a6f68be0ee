import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundleApp } from '../bundle.ts';

let app = '';
beforeEach(() => {
  app = realpathSync(mkdtempSync(join(tmpdir(), 'odradek-bundle-')));
  mkdirSync(join(app, 'src'));
  writeFileSync(join(app, 'package.json'), '{"type":"module"}');
});
afterEach(() => rmSync(app, { recursive: true, force: true }));

/** An app that loads a part of itself when it is asked. */
function write(word: string): void {
  writeFileSync(join(app, 'src/later.ts'), `export const word = '${word}';\n`);
  writeFileSync(
    join(app, 'src/main.ts'),
    "export const ask = async () => (await import('./later.ts')).word;\n",
  );
}

interface App {
  readonly ask: () => Promise<string>;
}

function load(version: string): Promise<App> {
  return import(`${pathToFileURL(join(app, 'dist/odradek.js')).href}?${version}`);
}

it('a program that runs loads what it was built with, also after another build', async () => {
  write('first');
  await bundleApp(app);
  const first = await load('first');
  write('second');
  await bundleApp(app);
  expect(await first.ask()).toBe('first');
  expect(await (await load('second')).ask()).toBe('second');
});

it('chunks that no program runs from any more go', async () => {
  write('first');
  await bundleApp(app);
  const dist = join(app, 'dist');
  const old = readdirSync(dist).filter((name) => name.startsWith('later-'));
  const weeksAgo = new Date(Date.now() - 14 * 24 * 3600 * 1000);
  for (const name of old) utimesSync(join(dist, name), weeksAgo, weeksAgo);
  write('second');
  await bundleApp(app);
  const now = readdirSync(dist);
  expect(old.length).toBeGreaterThan(0);
  expect(now.filter((name) => old.includes(name))).toEqual([]);
  expect(now.filter((name) => name.startsWith('.'))).toEqual([]);
  expect(now).toContain('odradek.js');
});

const main = `
import * as os from 'node:os';
import process from 'node:process';
import { createServer, STATUS_CODES as codes } from 'node:http';
const loaded = process.moduleLoadList.filter((name) => name.includes('undici'));
console.log(JSON.stringify([typeof os.tmpdir, typeof createServer, codes[404], loaded]));
`;

it('a bundle takes of the modules of Node the names that it needs, in every form of an import, and loads no fetch with them', () => {
  writeFileSync(join(app, 'src/main.ts'), main);
  execFileSync(process.execPath, [resolve(import.meta.dirname, '../bundle.ts')], { cwd: app });
  const said = execFileSync(process.execPath, [join(app, 'dist/odradek.js')], { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual(['function', 'function', 'Not Found', []]);
});

it('what V8 made of an earlier build goes with it', async () => {
  write('first');
  const compiled = join(app, 'dist/.compiled');
  mkdirSync(compiled, { recursive: true });
  await bundleApp(app);
  expect(readdirSync(join(app, 'dist'))).not.toContain('.compiled');
});

it('the program of a process is one function in ASCII, which says what its source does', () => {
  write('first');
  writeFileSync(join(app, 'src/part.ts'), "export const arrow = `→ \u{1f9f5}`.replace(/→/u, '↦');\n");
  writeFileSync(
    join(app, 'src/broker-process.ts'),
    "import { arrow } from './part.ts';\nexport const said = () => [arrow, import.meta.dirname];\n",
  );
  execFileSync(process.execPath, [resolve(import.meta.dirname, '../bundle.ts')], { cwd: app });
  const code = readFileSync(join(app, 'dist/broker-process.cjs'), 'latin1');
  expect(code).toMatch(/^[\0-\x7f]*$/);
  const exports: { said?: () => unknown } = {};
  runInThisContext(code)(exports, undefined, undefined, '', 'here');
  expect(exports.said?.()).toEqual(['↦ \u{1f9f5}', 'here']);
});
