// The licences of what a bundle has in it that is not ours, as one text: who gives a program away gives them with it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A text with name, version, and licence of each package that the modules of a bundle come from. */
export function licencesOf(modules: readonly string[]): string {
  const directories = new Set(modules.flatMap((module) => packageDirectory(module) ?? []));
  const texts = [...directories].sort().map(licenceIn);
  return [
    'Programs of others in this folder, each under its own licence. All else here is Odradek, Apache-2.0.\n',
    ...texts,
  ].join(`\n${'='.repeat(80)}\n\n`);
}

/** Of a module in node_modules. */
function packageDirectory(module: string): string | undefined {
  const path = module.replaceAll('\\', '/');
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/@][^/]*(?=\/)/.exec(path)?.[0];
}

function licenceIn(directory: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const { name, version, license, homepage } = manifest as Readonly<Record<string, unknown>>;
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(directory, file), 'utf8');
  const source = typeof homepage === 'string' ? `Source: ${homepage}\n` : '';
  return `${String(name)} ${String(version)}, ${String(license)}\n${source}\n${text}`;
}
