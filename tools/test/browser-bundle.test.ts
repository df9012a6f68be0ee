// What a tab needs is bundled for a browser, with nothing in it that only Node has.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../workspace.ts';

const packages = [
  'format',
  'model',
  'storage',
  'core',
  'wire',
  'client',
  'trace',
  'simulator',
  'host-browser',
];

async function bundled(name: string): Promise<string> {
  const entry = join(mkdtempSync(join(tmpdir(), 'odradek-bundle-')), 'entry.ts');
  writeFileSync(
    entry,
    `export * from ${JSON.stringify(join(repositoryRoot, 'packages', name, 'src/index.ts'))};`,
  );
  const wrong: string[] = [];
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    onLog: (level, { message }) => {
      if (level === 'warn') wrong.push(message);
    },
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  expect(wrong).toEqual([]);
  return output.map((file) => (file.type === 'chunk' ? file.code : '')).join('\n');
}

describe('in a browser', () => {
  it.each(packages)('%s bundles without anything of Node', async (name) => {
    const code = await bundled(name);
    expect(code).not.toMatch(/\bfrom ["']node:|\brequire\(["']/);
    // A library may ask whether Node's Buffer is there; nobody may need it.
    expect(code.match(/\b(?:globalThis\.)?process\.(?:env|nextTick|hrtime|stdout|exit)\b/g)).toBeNull();
    expect(code).not.toContain('SharedArrayBuffer');
  });
});
