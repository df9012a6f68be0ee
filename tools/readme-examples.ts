// The examples in READMEs are programs: every block marked "ts run" is compiled and run as it stands.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roomsOf, shown } from './workspace.ts';

export interface Example {
  /** Where it stands: `packages/trace/README.md:23`. */
  readonly name: string;
  readonly code: string;
}

const opening = /^```ts run\s*$/;

/** The examples of one README. */
export function examplesIn(name: string, readme: string): Example[] {
  const lines = readme.split('\n');
  return lines.flatMap((line, index): Example[] => {
    if (!opening.test(line)) return [];
    const end = lines.indexOf('```', index);
    return [{ name: `${name}:${index + 1}`, code: `${lines.slice(index + 1, end).join('\n')}\n` }];
  });
}

/** The examples of all READMEs of the repository. */
export function allExamples(root: string): Example[] {
  return [root, ...roomsOf(root).map((room) => room.directory)]
    .map((directory) => join(directory, 'README.md'))
    .filter((path) => existsSync(path))
    .flatMap((path) => examplesIn(shown(root, path), readFileSync(path, 'utf8')));
}

/**
 * Writes examples as files below the repository's `dist`, from where they find its packages, and type-checks them. Throws with the
 * compiler's words when one does not compile. Returns the files in the order of the examples.
 */
export function compileExamples(root: string, folder: string, examples: readonly Example[]): string[] {
  const directory = join(root, 'dist', folder);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const files = examples.map(({ name, code }) => {
    const file = join(directory, `${name.replaceAll(/[^a-zA-Z0-9]+/g, '-')}.ts`);
    writeFileSync(file, code);
    return file;
  });
  const configuration = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      lib: ['es2023'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      noUnusedLocals: false,
    },
    files,
  };
  const project = join(directory, 'tsconfig.json');
  writeFileSync(project, JSON.stringify(configuration));
  // The compiler prints what is wrong on its standard output, which becomes part of the error.
  const compiler = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', project, '--noEmit'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (compiler.status !== 0) throw new Error(compiler.stdout);
  return files;
}

/** Runs a compiled example to its end and returns what it prints. Throws when it fails or takes a minute. */
export function runExample(file: string): string {
  return execFileSync(process.execPath, [file], { encoding: 'utf8', stdio: 'pipe', timeout: 60_000 });
}
