// What a visitor has to fetch before the page can be used.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The page, what it names, and what that imports; what is loaded later is not among them. */
export function firstFiles(dist: string): Set<string> {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const named = new Set([
    'index.html',
    ...[...html.matchAll(/"\.\/([^"]+)"/g)].map(([, name]) => name ?? ''),
  ]);
  for (const name of named) {
    if (!name.endsWith('.js')) continue;
    const text = readFileSync(join(dist, name), 'utf8');
    for (const [, imported = ''] of text.matchAll(/\bfrom\s*["']\.\/([^"']+)["']/g)) named.add(imported);
  }
  return named;
}

/** Their size as it travels. */
export function zippedBytes(dist: string, names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name))).length, 0);
}
