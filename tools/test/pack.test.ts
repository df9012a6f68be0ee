// "Somebody else's app": the packages as tarballs, installed in a folder outside the repository. The programs of their READMEs are
// compiled against the packed types and run from the packed JavaScript.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packPackages } from '../pack.ts';
import { examplesIn, runExample } from '../readme-examples.ts';
import { type Manifest, manifestOf, repositoryRoot, roomsOf, scope } from '../workspace.ts';

const rooms = roomsOf(repositoryRoot).filter(({ kind }) => kind === 'package');
const names = rooms.map(({ name }) => name);

/** Each package lies alone with what its manifest asks for, as pnpm installs: what it does not ask for, it does not find. */
const homeOf = (stranger: string, name: string): string => join(stranger, 'node_modules/.store', name);
const installed = (stranger: string, name: string): string =>
  join(homeOf(stranger, name), 'node_modules', scope + name);

function link(from: string, target: string): void {
  mkdirSync(dirname(from), { recursive: true });
  symlinkSync(target, from, 'junction');
}

/** Unpacks the tarballs and links every dependency: ours to its tarball's content, others to the repository's. */
function install(stranger: string, tarballs: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    const directory = installed(stranger, name);
    mkdirSync(directory, { recursive: true });
    execFileSync('tar', ['-xzf', tarballs[index] ?? '', '-C', directory, '--strip-components=1']);
  }
  for (const name of names) {
    link(join(stranger, 'node_modules', scope + name), installed(stranger, name));
    for (const dependency of Object.keys(manifestOf(installed(stranger, name)).dependencies ?? {})) {
      const target = dependency.startsWith(scope)
        ? installed(stranger, dependency.slice(scope.length))
        : join(repositoryRoot, 'node_modules', dependency);
      link(join(homeOf(stranger, name), 'node_modules', dependency), target);
    }
  }
}

/** What somebody who writes TypeScript on Node adds: the programs use xstate and what Node has. */
function addOwnDependencies(stranger: string): void {
  for (const dependency of ['xstate', '@types/node'])
    link(join(stranger, 'node_modules', dependency), join(repositoryRoot, 'node_modules', dependency));
}

/** The programs of the packed READMEs as TypeScript files, `core-1.ts` and so on. */
function writePrograms(stranger: string): void {
  for (const name of ['core', 'election', 'trace']) {
    const readme = readFileSync(join(installed(stranger, name), 'README.md'), 'utf8');
    for (const [index, { code }] of examplesIn(name, readme).entries())
      writeFileSync(join(stranger, `${name}-${index + 1}.ts`), code);
  }
}

const compilerOptions = {
  ...{ module: 'nodenext', target: 'es2023', strict: true, skipLibCheck: false },
  types: ['node'],
};

const wrongUse = `import type { Clock } from '@odradek/model';
import { mermaidOf } from '@odradek/trace';
export const now = (clock: Clock): number => clock.nowMs();
// @ts-expect-error A chart is not a number, which the compiler only knows from the packed types.
mermaidOf(1);
`;

/** An app that imports every public face, and asks for no types of its own: what ours need they bring. */
function writeBareApp(bare: string): void {
  mkdirSync(bare);
  const imports = names.map((name, index) => `import * as face${index} from '${scope}${name}';`);
  const uses = names.map((_, index) => `face${index}`);
  writeFileSync(join(bare, 'app.ts'), `${imports.join('\n')}\nexport const all = [${uses.join(', ')}];\n`);
  writeFileSync(join(bare, 'package.json'), '{"type":"module"}');
  const options = { ...compilerOptions, lib: ['es2023'], types: [], noEmit: true };
  writeFileSync(join(bare, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['app.ts'] }));
}

/** Compiles every program in the folder; the compiler's complaints, if any. */
function compile(stranger: string): string {
  const compiler = spawnSync(join(repositoryRoot, 'node_modules/.bin/tsc'), ['-p', stranger], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return compiler.stdout + compiler.stderr;
}

describe("somebody else's app", () => {
  let stranger = '';
  let complaints = '';
  let bareComplaints = '';

  beforeAll(() => {
    stranger = realpathSync(mkdtempSync(join(tmpdir(), 'odradek-stranger-')));
    const tarballs = packPackages(
      rooms.map(({ directory }) => directory),
      { root: repositoryRoot, work: join(stranger, 'work'), packs: join(stranger, 'packs') },
    );
    install(stranger, tarballs);
    writeBareApp(join(stranger, 'bare'));
    bareComplaints = compile(join(stranger, 'bare'));
    addOwnDependencies(stranger);
    writePrograms(stranger);
    writeFileSync(join(stranger, 'package.json'), '{"type":"module"}');
    writeFileSync(join(stranger, 'wrong-use.ts'), wrongUse);
    writeFileSync(join(stranger, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    complaints = compile(stranger);
  }, 120_000);

  afterAll(() => rmSync(stranger, { recursive: true, force: true }));

  it('compiles against the packed types', () => {
    expect(complaints).toBe('');
  });

  it('compiles in an app that has no types of Node or of ws, with skipLibCheck off', () => {
    expect(bareComplaints).toBe('');
  });

  it('hosts three brokers in one process', () => {
    const printed = runExample(join(stranger, 'core-1.js'));
    expect(printed).toMatch(/^led by brokers [123],[123],[123]\n/);
    for (const node of [1, 2, 3]) expect(printed).toContain(`node ${node} has stopped\n`);
  }, 70_000);

  it('runs the election alone', () => {
    const printed = runExample(join(stranger, 'election-1.js'));
    expect(printed).toMatch(/^[123] leads epoch 1$/m);
    for (const voter of [1, 2, 3])
      expect(printed).toMatch(new RegExp(`^${voter} knows offsets below \\d+`, 'm'));
  }, 70_000);

  it('draws a machine, and watches one', () => {
    expect(runExample(join(stranger, 'trace-1.js'))).toContain('closed --> open : push\n');
    expect(runExample(join(stranger, 'trace-2.js'))).toBe('lamp-1: dark -> lit on switch\n');
  }, 70_000);

  it('finds nothing of ours but what was packed', () => {
    writeFileSync(
      join(stranger, 'where.js'),
      `console.log(${names.map((name) => `import.meta.resolve('${scope}${name}')`).join(', ')})`,
    );
    const places = runExample(join(stranger, 'where.js')).trim().split(' ');
    expect(places).toEqual(
      names.map((name) => pathToFileURL(join(installed(stranger, name), 'dist/index.js')).href),
    );
  });

  describe.each(names)('the tarball of %s', (name) => {
    const own = (): string => installed(stranger, name);

    it('has a README, the licence and a public face, and no sources or tests', () => {
      const drawn = existsSync(join(repositoryRoot, 'packages', name, 'diagrams')) ? ['diagrams'] : [];
      expect(readdirSync(own()).sort()).toEqual(['LICENSE', 'README.md', ...drawn, 'dist', 'package.json']);
      for (const file of ['dist/index.js', 'dist/index.d.ts'])
        expect(existsSync(join(own(), file))).toBe(true);
      const built = filesInDist(own());
      expect(built.filter((file) => !/\.(js|d\.ts)$/.test(file))).toEqual([]);
      const naming = built.filter((file) => /from '\.[^']*\.ts'/.test(readFileSync(file, 'utf8')));
      expect(naming).toEqual([]);
    });

    it('has a manifest that says what others need', () => {
      const source = manifestOf(join(repositoryRoot, 'packages', name));
      const manifest: Manifest & { readonly [key: string]: unknown } = JSON.parse(
        readFileSync(join(own(), 'package.json'), 'utf8'),
      );
      expect(manifest).toEqual({
        ...{ name: scope + name, version: source.version, description: expect.stringMatching(/\.$/) },
        ...{ license: 'Apache-2.0', type: 'module', engines: { node: '>=24' }, files: ['dist', 'diagrams'] },
        dependencies: source.dependencies,
        // A bundle of somebody's app has only what it uses of a package.
        sideEffects: false,
        exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      });
      // A range such as "*" or a link would install something else elsewhere.
      for (const version of Object.values(manifest.dependencies ?? {}))
        expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    });
  });
});

function filesInDist(directory: string): string[] {
  return readdirSync(join(directory, 'dist'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
