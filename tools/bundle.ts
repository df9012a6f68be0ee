// Bundles an app into its `dist`: one file starts in a fraction of the time that two hundred modules of TypeScript take.
// Called by the app's own `npm run build`, so the working directory is the app's.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';

/** Packages with machine code of their own, which stay in node_modules. */
const external = [/^node:/, '@node-rs/crc32', 'msgpackr-extract', 'bufferutil', 'utf-8-validate'];

/**
 * An import of one of Node's modules reads every name that it has, and so loads what nobody here uses: 62 ms and 14 MB of `node:http`
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

const input = resolve('src/main.ts');
if (existsSync(input)) {
  const bundle = await rolldown({ input, platform: 'node', external, plugins: [builtinsByName] });
  await bundle.write({
    dir: 'dist',
    format: 'esm',
    entryFileNames: 'odradek.js',
    chunkFileNames: '[name]-[hash].js',
    cleanDir: true,
    sourcemap: true,
  });
  await bundle.close();
} else {
  console.error(`There is nothing to bundle: ${input} does not exist.`);
  process.exitCode = 1;
}
