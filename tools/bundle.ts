// Bundles an app into its `dist`: one file starts in a fraction of the time that two hundred modules of TypeScript take.
// Called by the app's own `npm run build`, so the working directory is the app's.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

/** Packages with machine code of their own, which stay in node_modules. */
const external = [/^node:/, '@node-rs/crc32', 'msgpackr-extract', 'bufferutil', 'utf-8-validate'];

/**
 * An import of one of Node's modules reads every name that it has, and so loads what nobody here uses: 62 ms of processor time for `node:http`
 * alone, in each process. A bundle asks for the names it needs. Lines stay where the source map says.
 */
const builtinsByName = {
  name: 'builtins-by-name',
  renderChunk: (code: string) => ({
    map: null,
    code: code.replace(
      /^import (?:\* as (\w[\w$]*)|(\w[\w$]*)|(\{[^}]*\})) from "(node:[\w/]+)";$/gm,
      (
        _line,
        space: string | undefined,
        whole: string | undefined,
        names: string | undefined,
        module: string,
      ) =>
        `const ${space ?? whole ?? names?.replaceAll(' as ', ': ')} = globalThis.process.getBuiltinModule("${module}");`,
    ),
  }),
};

/**
 * One function of five arguments, in ASCII: V8 then takes the file as it lies on the disk, half as large in memory, and no text is put together first
 * (`src/compiled-program.ts`). In code a character beyond ASCII stands in texts, patterns and comments alone, where its escape is the same. Lines stay
 * where the source map says.
 */
function asOneFunction(code: string): string {
  return `(function (exports, require, module, __filename, __dirname) { 'use strict'; ${ascii(code)}\n})`;
}

function ascii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const entry = 'odradek.js';
/** A program that runs loads a chunk when it needs it: those of earlier builds stay for so long. */
const chunksStayMs = 7 * 24 * 3600 * 1000;

/**
 * Bundles `src/main.ts` of an app into its `dist`. What is there is replaced file by file, each at once and the entry last, so
 * that programs may run and start meanwhile.
 */
export async function bundleApp(app: string): Promise<void> {
  const dist = join(app, 'dist');
  mkdirSync(dist, { recursive: true });
  const fresh = mkdtempSync(join(dist, '.build-'));
  try {
    const input = { odradek: join(app, 'src/main.ts'), ...found('broker', join(app, 'src/start-broker.ts')) };
    const bundle = await rolldown({ input, platform: 'node', external, plugins: [builtinsByName] });
    await bundle.write({
      dir: fresh,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      sourcemap: true,
    });
    await bundle.close();
    await bundleProcesses(app, fresh);
    const files = readdirSync(fresh);
    for (const file of [...files.filter((name) => name !== entry), entry])
      renameSync(join(fresh, file), join(dist, file));
    removeOldChunks(dist, new Set(files));
    // What V8 made of the former bundle (`bin/odradek.js`): it would only lie there.
    rmSync(join(dist, '.compiled'), { recursive: true, force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * The programs of an app's processes, `src/*-process.ts`, as one file each: a start is not that of twenty chunks, and what V8 compiled is kept of the whole.
 */
async function bundleProcesses(app: string, fresh: string): Promise<void> {
  const names = readdirSync(join(app, 'src')).filter((name) => name.endsWith('-process.ts'));
  for (const name of names) {
    const bundle = await rolldown({
      input: join(app, 'src', name),
      platform: 'node',
      external,
      transform: { define: { 'import.meta.dirname': '__dirname' } },
    });
    const file = join(fresh, name.replace(/\.ts$/, '.cjs'));
    await bundle.write({ file, format: 'cjs', codeSplitting: false, sourcemap: true });
    await bundle.close();
    writeFileSync(file, asOneFunction(readFileSync(file, 'utf8')));
  }
}

function found(name: string, path: string): Record<string, string> {
  return existsSync(path) ? { [name]: path } : {};
}

/** Removes what earlier builds left, but for chunks that a program or page which runs may still load. */
export function removeOldChunks(dist: string, kept: ReadonlySet<string>): void {
  const beforeMs = Date.now() - chunksStayMs;
  for (const file of readdirSync(dist)) {
    const path = join(dist, file);
    // Another build, at the same time, may have removed it.
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? beforeMs;
    if (!kept.has(file) && changedMs < beforeMs) rmSync(path, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const app = resolve('.');
  if (existsSync(join(app, 'src/main.ts'))) await bundleApp(app);
  else {
    console.error(`There is nothing to bundle: ${join(app, 'src/main.ts')} does not exist.`);
    process.exitCode = 1;
  }
}
