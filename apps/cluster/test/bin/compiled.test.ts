// What V8 has compiled of the bundle is kept beside it, where that is possible.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let app = '';
beforeEach(() => {
  app = mkdtempSync(join(tmpdir(), 'odradek-bin-'));
  cpSync(join(import.meta.dirname, '../../bin'), join(app, 'bin'), { recursive: true });
  writeFileSync(join(app, 'package.json'), '{"type":"module"}');
  mkdirSync(join(app, 'dist'));
  writeFileSync(
    join(app, 'dist/odradek.js'),
    'console.log(process.argv[2], process.env.NODE_COMPILE_CACHE);\n',
  );
});
afterEach(() => rmSync(app, { recursive: true, force: true }));

function run(environment: NodeJS.ProcessEnv = {}): string {
  const { NODE_COMPILE_CACHE: _, ...inherited } = process.env;
  const env = { ...inherited, ...environment };
  return execFileSync(process.execPath, [join(app, 'bin/odradek.js'), 'said'], { env, encoding: 'utf8' });
}

it('lies beside the bundle after the first run, for the program and for those that it starts', () => {
  const compiled = join(app, 'dist/.compiled');
  expect(run()).toBe(`said ${compiled}\n`);
  expect(readdirSync(compiled, { recursive: true }).length).toBeGreaterThan(1);
  expect(run()).toBe(`said ${compiled}\n`);
});

it('lies where the user wants it', () => {
  const elsewhere = join(app, 'elsewhere');
  expect(run({ NODE_COMPILE_CACHE: elsewhere })).toBe(`said ${elsewhere}\n`);
  expect(readdirSync(join(app, 'dist'))).toEqual(['odradek.js']);
});

it('is done without where nothing can be kept', () => {
  writeFileSync(join(app, 'dist/.compiled'), 'a file');
  expect(run()).toContain('said');
});
