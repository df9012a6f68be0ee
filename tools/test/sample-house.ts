// A small repository in a temporary directory, for checks to look at.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Problem } from '../workspace.ts';

/** Writes files by their path below a new root, which goes away with the test. */
export function house(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'odradek-tools-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({
    'package.json': '{"devDependencies":{"vitest":"5"}}',
    ...files,
  })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** The manifest of a package that depends on others of ours, by name without scope. */
export function manifest(name: string, dependencies: readonly string[] = [], version = '0.1.0'): string {
  const ours = dependencies.map((below) => [`@odradek/${below}`, '0.1.0']);
  return JSON.stringify({ name: `@odradek/${name}`, version, dependencies: Object.fromEntries(ours) });
}

export function messages(problems: readonly Problem[]): string[] {
  return problems.map(
    ({ file, line, message }) => `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
  );
}
