import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const app = mkdtempSync(join(tmpdir(), 'odradek-bundle-'));
afterAll(() => rmSync(app, { recursive: true, force: true }));

const main = `
import * as os from 'node:os';
import process from 'node:process';
import { createServer, STATUS_CODES as codes } from 'node:http';
const loaded = process.moduleLoadList.filter((name) => name.includes('undici'));
console.log(JSON.stringify([typeof os.tmpdir, typeof createServer, codes[404], loaded]));
`;

it('a bundle takes of the modules of Node the names that it needs, in every form of an import, and loads no fetch with them', () => {
  mkdirSync(join(app, 'src'));
  writeFileSync(join(app, 'src/main.ts'), main);
  execFileSync(process.execPath, [resolve(import.meta.dirname, '../bundle.ts')], { cwd: app });
  const said = execFileSync(process.execPath, [join(app, 'dist/odradek.js')], { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual(['function', 'function', 'Not Found', []]);
});
