// A program is run with what V8 compiled of it before, and only with that.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CompiledProgram, loadCompiled } from '../src/compiled-program.ts';

let directory = '';
let file = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-compiled-'));
  file = join(directory, 'program.cjs');
  write('first');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Program {
  word(): string;
  other(): string;
}

/** As `tools/bundle.ts` makes one. */
function write(word: string): void {
  const body = `exports.word = () => '${word}'; exports.other = () => [1, 2, 3].map((one) => one + 1).join(' ');`;
  writeFileSync(file, `(function (exports, require, module, __filename, __dirname) { ${body}\n})`);
}

function load(environment: NodeJS.ProcessEnv = {}): CompiledProgram & { readonly program: Program } {
  const loaded = loadCompiled(file, environment);
  return { ...loaded, program: loaded.exports as Program };
}

function kept(): string {
  const [name, ...more] = readdirSync(join(directory, '.compiled'));
  expect(more).toEqual([]);
  return join(directory, '.compiled', name ?? '');
}

it('what was compiled is kept once, beside the program, and taken by the next', () => {
  const { program, keep } = load();
  expect(program.word()).toBe('first');
  keep();
  const bytes = readFileSync(kept());
  const next = load();
  expect(next.program.word()).toBe('first');
  expect(next.program.other()).toBe('2 3 4');
  // It has compiled more, but took what there was.
  next.keep();
  expect(readFileSync(kept())).toEqual(bytes);
});

it('of several that start at once the one that has compiled most is kept', () => {
  const [few, many] = [load(), load()];
  many.program.word();
  many.program.other();
  many.keep();
  const bytes = readFileSync(kept());
  few.keep();
  expect(readFileSync(kept())).toEqual(bytes);
});

it('another program of the same length is not run as the one before', () => {
  const { program, keep } = load();
  program.word();
  keep();
  write('other');
  const next = load();
  expect(next.program.word()).toBe('other');
  next.keep();
  expect(load().program.word()).toBe('other');
});

it.each([
  ['cut', (bytes: Buffer) => bytes.subarray(0, 20)],
  ['empty', () => Buffer.alloc(0)],
  ['damaged', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100)])],
])('what is %s is not taken, and made anew', (_, harm) => {
  const { program, keep } = load();
  program.word();
  keep();
  const sound = readFileSync(kept());
  writeFileSync(kept(), harm(sound));
  const next = load();
  expect(next.program.word()).toBe('first');
  next.keep();
  expect(readFileSync(kept()).length).toBe(sound.length);
});

/** In a process of its own: within one, V8 looks at what it has compiled itself before it takes anything. */
function runElsewhere(): void {
  const url = pathToFileURL(join(import.meta.dirname, '../src/compiled-program.ts')).href;
  const lines = `const { exports, keep } = (await import('${url}')).loadCompiled(${JSON.stringify(file)}, {}); exports.word(); keep();`;
  execFileSync(process.execPath, ['--input-type=module', '-e', lines]);
}

it('what another process made is taken as it is; what V8 does not take is made anew, however large it is', () => {
  runElsewhere();
  const sound = readFileSync(kept());
  // Longer, with zeros that V8 does not look at.
  const longer = Buffer.concat([sound, Buffer.alloc(1000)]);
  longer.writeUInt32LE(crc32(longer.subarray(8)), 4);
  writeFileSync(kept(), longer);
  runElsewhere();
  expect(readFileSync(kept())).toEqual(longer);
  // What V8 says of its flags, as when one was changed before it was kept.
  longer.writeUInt8(longer.readUInt8(8 + 12) ^ 1, 8 + 12);
  longer.writeUInt32LE(crc32(longer.subarray(8)), 4);
  writeFileSync(kept(), longer);
  runElsewhere();
  expect(readFileSync(kept()).length).toBe(sound.length);
});

it('lies where Node keeps its own, or nowhere', () => {
  const elsewhere = join(directory, 'elsewhere');
  load({ NODE_COMPILE_CACHE: elsewhere }).keep();
  expect(readdirSync(elsewhere)).toHaveLength(1);
  load({ NODE_COMPILE_CACHE: elsewhere, NODE_DISABLE_COMPILE_CACHE: '1' }).keep();
  expect(readdirSync(directory)).toEqual(['elsewhere', 'program.cjs']);
});

it('where nothing can be written the program runs all the same', () => {
  writeFileSync(join(directory, '.compiled'), 'a file');
  const { program, keep } = load();
  expect(program.word()).toBe('first');
  keep();
  expect(load().program.word()).toBe('first');
});
