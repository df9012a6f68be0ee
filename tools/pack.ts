// Packs a package for others: built JavaScript and declarations as a tarball in `dist/packs`.
// Called by the package's own `npm run pack`, so the working directory is the package's.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { manifestOf, repositoryRoot, scope } from './workspace.ts';

/** Builds and packs the package in `directory`, which lies in the repository's `packages`. Returns the tarball's path. */
export function packPackage(directory: string, root = repositoryRoot): string {
  const name = basename(directory);
  const work = join(root, 'dist/pack', name);
  const packs = join(root, 'dist/packs');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(packs, { recursive: true });
  compile(root, name, work);
  const stage = join(work, 'package');
  mkdirSync(stage);
  cpSync(join(work, 'built', name, 'src'), join(stage, 'dist'), { recursive: true });
  nameDeclarations(join(stage, 'dist'));
  for (const file of [join(directory, 'README.md'), join(root, 'LICENSE')]) {
    if (existsSync(file)) cpSync(file, join(stage, basename(file)));
  }
  writeFileSync(
    join(stage, 'package.json'),
    `${JSON.stringify(publishedManifest(directory), undefined, 2)}\n`,
  );
  execFileSync('npm', ['pack', stage, '--pack-destination', packs, '--silent'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  return join(packs, `odradek-${name}-${manifestOf(directory).version}.tgz`);
}

/** The packages below are compiled too, because the compiler follows imports to their sources; only this one's output is taken. */
function compile(root: string, name: string, work: string): void {
  mkdirSync(work, { recursive: true });
  const kind = isPure(root, name) ? 'pure' : 'node';
  const platform = join(root, 'packages/model/src/platform.d.ts');
  const configuration = {
    extends: join(root, `tsconfig.${kind}.json`),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(root, 'packages'),
      outDir: join(work, 'built'),
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: kind === 'pure' && existsSync(platform) ? [platform] : [],
    include: [join(root, 'packages', name, 'src')],
  };
  const file = join(work, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(configuration));
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', file], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
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
  const { name, version, description, license, type, dependencies } = manifestOf(directory) as Readonly<
    Record<string, unknown>
  >;
  if (typeof name !== 'string' || !name.startsWith(scope))
    throw new Error(`${directory} is no package of ours.`);
  return {
    ...{ name, version, description, license, type, dependencies },
    engines: { node: '>=24' },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
  };
}

if (import.meta.main) packPackage(process.cwd());
