#!/usr/bin/env node
// Finds Node 24 and runs the bundle with it. Plain JavaScript for any Node, because it runs before Node 24 is found.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import * as module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { handOver } from './hand-over.js';

const app = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const checkout = resolve(app, '../..');
const bundle = join(app, 'dist/odradek.js');
const page = join(checkout, 'apps/visualizer/dist/index.html');
const isRecent = Number(process.versions.node.split('.')[0]) >= 24;

/** This Node, or the one that the repository installs for itself. */
function findNode() {
  if (isRecent) return process.execPath;
  const installed = join(
    checkout,
    'node_modules/node/bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  return existsSync(installed) ? installed : undefined;
}

/** When something below a directory was last changed, in milliseconds; 0 without one. Each start looks at six hundred files: in a loop, and by names put together. */
function newest(directory) {
  if (!existsSync(directory)) return 0;
  let changedMs = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    const atMs = entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
    if (atMs > changedMs) changedMs = atMs;
  }
  return changedMs;
}

let packagesChangedMs;

/** Both bundles are made of the packages: these are looked through once. */
function newestInPackages() {
  const packages = join(checkout, 'packages');
  packagesChangedMs ??= Math.max(...readdirSync(packages).map((name) => newest(join(packages, name, 'src'))));
  return packagesChangedMs;
}

/** Only a checkout has sources; an installed package brings what was built of them. */
function isStale(built, of, main) {
  const sources = join(of, 'src');
  if (!existsSync(join(sources, main))) return false;
  if (!existsSync(built)) return true;
  return Math.max(newest(sources), newestInPackages()) > statSync(built).mtimeMs;
}

/** Once the cluster has probably started, which somebody waits for: looking through the page's sources takes time too. */
const PAGE_AFTER_MS = 1000;

/** Nobody waits for the console to be built: brokers serve it as soon as it is there. */
function buildPageIfStale() {
  if (!isStale(page, join(checkout, 'apps/visualizer'), 'main.tsx')) return;
  const cwd = join(checkout, 'apps/visualizer');
  const build = spawn(node, [join(checkout, 'tools/bundle-page.ts')], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  build.on('exit', (code) => {
    if (code !== 0) console.error('The console could not be built.');
  });
  build.unref();
}

function give(message) {
  console.error(message);
  process.exit(1);
}

const node = findNode();
if (node === undefined) give(`Odradek needs Node 24 or newer; this is ${process.versions.node}.`);
if (process.argv[2] === 'up') setTimeout(buildPageIfStale, PAGE_AFTER_MS).unref();
if (isStale(bundle, app, 'main.ts')) {
  const build = spawnSync(node, [join(checkout, 'tools/bundle.ts')], { cwd: app, stdio: 'inherit' });
  if (build.status !== 0) give('The bundle could not be built.');
}
if (!existsSync(bundle)) give(`The bundle is missing: ${bundle}.`);

// What V8 has compiled of the bundle is kept beside it, for this program and those that it starts: half of what a start costs.
process.env.NODE_COMPILE_CACHE ??= join(app, 'dist/.compiled');
if (isRecent) {
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
  process.argv[1] = bundle;
  await import(pathToFileURL(bundle).href);
} else handOver(node, [bundle, ...process.argv.slice(2)]);
