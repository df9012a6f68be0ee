// Packs a package for others: built JavaScript and declarations as a tarball in `dist/packs`.
// Called by the package's own `npm run pack`, so the working directory is the package's.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { manifestOf, repositoryRoot, scope } from './workspace.ts';

/** Where packing works and where its tarballs go. */
export interface PackPlaces {
  readonly root: string;
  /** Emptied first. */
  readonly work: string;
  readonly packs: string;
}

/** Builds and packs packages, with one run of the compiler for all. Returns their tarballs, in the order of `directories`. */
export function packPackages(directories: readonly string[], { root, work, packs }: PackPlaces): string[] {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  mkdirSync(packs, { recursive: true });
  const built = compile(root, directories, work);
  const stages = directories.map((directory) => stage(root, directory, built, work));
  execFileSync('npm', ['pack', ...stages, '--pack-destination', packs, '--silent'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  return directories.map((directory) =>
    join(packs, `odradek-${basename(directory)}-${manifestOf(directory).version}.tgz`),
  );
}

/** The folder that becomes the tarball. A package without a README is not packed. */
function stage(root: string, directory: string, built: string, work: string): string {
  const name = basename(directory);
  const staged = join(work, 'staged', name);
  cpSync(join(built, name, 'src'), join(staged, 'dist'), { recursive: true });
  nameDeclarations(join(staged, 'dist'));
  cpSync(join(directory, 'README.md'), join(staged, 'README.md'));
  // What the README shows.
  const diagrams = join(directory, 'diagrams');
  for (const file of globSync('*.svg', { cwd: diagrams }))
    cpSync(join(diagrams, file), join(staged, 'diagrams', file));
  cpSync(join(root, 'LICENSE'), join(staged, 'LICENSE'));
  writeFileSync(
    join(staged, 'package.json'),
    `${JSON.stringify(publishedManifest(directory), undefined, 2)}\n`,
  );
  return staged;
}

/** The packages below are compiled too, because the compiler follows imports to their sources; only what is packed is taken. */
function compile(root: string, directories: readonly string[], work: string): string {
  const names = directories.map((directory) => basename(directory));
  const kind = kindOf(root, names);
  const platform = join(root, 'packages/model/src/platform.d.ts');
  const outDir = join(work, 'built');
  const configuration = {
    extends: join(root, `tsconfig.${kind}.json`),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(root, 'packages'),
      outDir,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: kind === 'pure' && existsSync(platform) ? [platform] : [],
    include: names.map((name) => join(root, 'packages', name, 'src')),
    exclude: [],
  };
  const file = join(work, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(configuration));
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', file], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return outDir;
}

/** The `tsconfig` that knows what all of them may use. Browser and Node together: what a browser has is known besides. */
function kindOf(root: string, names: readonly string[]): 'pure' | 'node' | 'browser' {
  if (names.every((name) => isPure(root, name))) return 'pure';
  return names.some((name) => name.endsWith('-browser')) ? 'browser' : 'node';
}

function isPure(root: string, name: string): boolean {
  const text = readFileSync(join(root, 'tsconfig.pure.json'), 'utf8');
  return (JSON.parse(text) as { include: string[] }).include.includes(`packages/${name}/src`);
}

/** The compiler leaves `./x.ts` in declarations, where no `x.ts` will be. */
function nameDeclarations(directory: string): void {
  for (const file of globSync('**/*.d.ts', { cwd: directory })) {
    const path = join(directory, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(/((?:from|import\()\s*['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'));
  }
}

/** The manifest as others get it: the public face is what was built. */
function publishedManifest(directory: string): object {
  const { name, version, description, license, type, sideEffects, dependencies } = manifestOf(
    directory,
  ) as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || !name.startsWith(scope))
    throw new Error(`${directory} is no package of ours.`);
  return {
    ...{ name, version, description, license, type, sideEffects, dependencies },
    engines: { node: '>=24' },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'diagrams'],
  };
}

if (import.meta.main) {
  const directory = process.cwd();
  const dist = join(repositoryRoot, 'dist');
  packPackages([directory], {
    root: repositoryRoot,
    work: join(dist, 'pack', basename(directory)),
    packs: join(dist, 'packs'),
  });
}
