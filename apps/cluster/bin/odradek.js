#!/usr/bin/env node
// Finds Node 24 and runs the bundle with it. Plain JavaScript for any Node, because it runs before Node 24 is found.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { handOver } from './hand-over.js';

const app = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const checkout = resolve(app, '../..');
const bundle = join(app, 'dist/odradek.js');
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

/** When something below a directory was last changed, in milliseconds. */
function newest(directory) {
  return Math.max(
    0,
    ...readdirSync(directory, { withFileTypes: true }).map((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
    }),
  );
}

/** Only a checkout has sources; an installed package brings its bundle. */
function isStale() {
  if (!existsSync(join(app, 'src/main.ts'))) return false;
  if (!existsSync(bundle)) return true;
  const packages = join(checkout, 'packages');
  const sources = [app, ...readdirSync(packages).map((name) => join(packages, name))].map((room) =>
    join(room, 'src'),
  );
  return Math.max(...sources.filter((source) => existsSync(source)).map(newest)) > statSync(bundle).mtimeMs;
}

function give(message) {
  console.error(message);
  process.exit(1);
}

const node = findNode();
if (node === undefined) give(`Odradek needs Node 24 or newer; this is ${process.versions.node}.`);
if (isStale()) {
  const build = spawnSync(node, [join(checkout, 'tools/bundle.ts')], { cwd: app, stdio: 'inherit' });
  if (build.status !== 0) give('The bundle could not be built.');
}
if (!existsSync(bundle)) give(`The bundle is missing: ${bundle}.`);

if (isRecent) {
  process.argv[1] = bundle;
  await import(pathToFileURL(bundle).href);
} else handOver(node, [bundle, ...process.argv.slice(2)]);
