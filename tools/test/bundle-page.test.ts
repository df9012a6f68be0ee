import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { bundlePage, filled } from '../bundle-page.ts';

const made: string[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

function appWith(files: Readonly<Record<string, string>>): string {
  const app = mkdtempSync(join(tmpdir(), 'odradek-page-'));
  made.push(app);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(app, path)), { recursive: true });
    writeFileSync(join(app, path), text);
  }
  return app;
}

it('makes a folder of files whose page names them by relative addresses, the workers too', async () => {
  const app = appWith({
    'src/index.html': '<link href="{{style}}"><link href="{{icon}}"><script src="{{script}}"></script>',
    'src/icon.svg': '<svg/>',
    'src/styles/base.css': 'p { color: red }',
    'src/map/map.css': 'b { color: blue }',
    'src/main.tsx':
      "import { start } from './tab/start.ts'; document.title = String(start(new URL('./tab/ground.ts', import.meta.url)));",
    'src/tab/ground.ts': "import { word } from './word.ts'; postMessage(word);",
    'src/tab/word.ts': "export const word = 'from the ground';",
    'src/tab/start.ts': 'export const start = (url: URL): Worker => new Worker(url);',
  });
  await bundlePage(app);

  const files = readdirSync(join(app, 'dist'));
  const html = readFileSync(join(app, 'dist/index.html'), 'utf8');
  const named = [...html.matchAll(/"\.\/([^"]+)"/g)].map(([, name]) => name ?? '');
  expect(named).toHaveLength(3);
  for (const name of named) expect(files).toContain(name);
  const style = readFileSync(join(app, 'dist', named[0] ?? ''), 'utf8');
  expect(style.indexOf('red')).toBeLessThan(style.indexOf('blue'));
  const main = readFileSync(join(app, 'dist', named[2] ?? ''), 'utf8');
  const worker = files.find((name) => name.startsWith('ground-'));
  expect(worker).toBeDefined();
  expect(main).toContain(worker);
  expect(main).not.toContain('from the ground');
});

it('names what the program imports in the page, so that a browser need not read the program to know it', async () => {
  const app = appWith({
    'src/index.html': '<head>\n<script src="{{script}}"></script><i title="{{style}} {{icon}}"></i>\n</head>',
    'src/icon.svg': '<svg/>',
    'src/styles/base.css': '',
    'src/main.tsx':
      "import { word } from './word.ts'; document.title = word + String(new URL('./ground.ts', import.meta.url));",
    'src/ground.ts': "import { word } from './word.ts'; postMessage(word);",
    'src/word.ts': "export const word = 'of both';",
  });
  await bundlePage(app);
  const html = readFileSync(join(app, 'dist/index.html'), 'utf8');
  const [, shared = ''] = /<link rel="modulepreload" href="\.\/([^"]+)" \/>/.exec(html) ?? [];
  expect(readFileSync(join(app, 'dist', shared), 'utf8')).toContain('of both');
});

it('refuses a page that asks for what is not there', () => {
  expect(() => filled('<img src="{{picture}}">', { script: 'main.js' })).toThrow(/picture/);
});
