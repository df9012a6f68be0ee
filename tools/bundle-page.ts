// Bundles an app that is a page into its `dist`: a static folder that any web server can give out, also from a subfolder. All addresses
// are relative, and the names of files carry a hash of their content, so that they may be kept for ever.
// Called by the app's own `npm run build`, so the working directory is the app's.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { removeOldChunks } from './bundle.ts';
import { licencesOf } from './licences.ts';
import { filesIn } from './workspace.ts';

const page = 'index.html';

/**
 * Bundles `src/main.tsx`, the workers it starts, all style sheets below `src` as one, and the icon, and writes their names into
 * `src/index.html`. What is there is replaced file by file, the page last, so that it may be served meanwhile.
 */
export async function bundlePage(app: string): Promise<void> {
  const dist = join(app, 'dist');
  mkdirSync(dist, { recursive: true });
  const fresh = mkdtempSync(join(dist, '.build-'));
  try {
    const bundle = await rolldown({
      input: { main: join(app, 'src/main.tsx') },
      platform: 'browser',
      plugins: [workers],
      transform: {
        jsx: { runtime: 'automatic', importSource: 'preact' },
        define: { 'process.env.NODE_ENV': '"production"' },
      },
    });
    const { output } = await bundle.write({
      dir: fresh,
      format: 'esm',
      // An actor's values name the classes of what it holds and is no data.
      minify: {
        compress: { keepNames: { class: true, function: false } },
        mangle: { keepNames: { class: true, function: false } },
      },
      entryFileNames: '[name]-[hash].js',
      chunkFileNames: '[name]-[hash].js',
    });
    await bundle.close();
    const chunks = output.flatMap((file) => (file.type === 'chunk' ? [file] : []));
    writeFileSync(join(fresh, 'licences.txt'), licencesOf(chunks.flatMap(({ moduleIds }) => moduleIds)));
    const main = chunks.find(({ isEntry, name }) => isEntry && name === 'main');
    if (main === undefined) throw new Error('The bundle has no entry called main.');
    const names = {
      script: main.fileName,
      style: writeHashed(fresh, 'style.css', styleOf(app)),
      icon: writeHashed(fresh, 'icon.svg', readFileSync(join(app, 'src/icon.svg'), 'utf8')),
    };
    const html = filled(readFileSync(join(app, 'src', page), 'utf8'), names);
    writeFileSync(join(fresh, page), naming(main.imports, html));
    const files = readdirSync(fresh);
    for (const file of [...files.filter((name) => name !== page), page])
      renameSync(join(fresh, file), join(dist, file));
    removeOldChunks(dist, new Set(files));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** `new URL('./worker.ts', import.meta.url)` is a program of its own, bundled as one and named by its file in `dist`. */
const workers: Plugin = {
  name: 'workers',
  transform(code, id) {
    if (!/\.tsx?$/.test(id) || !code.includes('import.meta.url')) return null;
    return code.replaceAll(
      /new URL\((['"])(\.{1,2}\/[^'"]+\.ts)\1, import\.meta\.url\)/g,
      (_all, _quote, path: string) => {
        const reference = this.emitFile({
          type: 'chunk',
          id: resolve(dirname(id), path),
          name: basename(path, '.ts'),
        });
        return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
      },
    );
  },
};

/** What all share comes first (`src/styles`), in the order of names. */
function styleOf(app: string): string {
  const sheets = filesIn(join(app, 'src')).filter((path) => path.endsWith('.css'));
  const shared = (path: string): boolean => path.startsWith(join(app, 'src/styles/'));
  const ordered = [...sheets.filter(shared), ...sheets.filter((path) => !shared(path))];
  return ordered.map((path) => readFileSync(path, 'utf8')).join('\n');
}

function writeHashed(directory: string, name: string, content: string): string {
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 8);
  const type = extname(name);
  const hashed = `${basename(name, type)}-${hash}${type}`;
  writeFileSync(join(directory, hashed), content);
  return hashed;
}

/** The page with the names of its files in the place of `{{script}}` and the like. */
export function filled(html: string, names: Readonly<Record<string, string>>): string {
  return html.replaceAll(/\{\{(\w+)\}\}/g, (_all, name: string) => {
    const value = names[name];
    if (value === undefined) throw new Error(`The page asks for {{${name}}}, and nothing is called so.`);
    return `./${value}`;
  });
}

/** The page with what its program imports: fetched beside the program, not when that has come and been read. */
function naming(imports: readonly string[], html: string): string {
  const links = imports.map((file) => `    <link rel="modulepreload" href="./${file}" />\n`);
  return html.replace(/^ *<\/head>/m, (end) => links.join('') + end);
}

if (import.meta.main) {
  const app = resolve('.');
  if (existsSync(join(app, 'src/main.tsx'))) await bundlePage(app);
  else {
    console.error(`There is nothing to bundle: ${join(app, 'src/main.tsx')} does not exist.`);
    process.exitCode = 1;
  }
}
