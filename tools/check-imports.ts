// Who stands on whom: imports point down only, through public faces only, and never in a circle.

import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import { findCycles } from './cycles.ts';
import { type ImportOf, importsOf, parseFile } from './syntax.ts';
import {
  type Manifest,
  manifestOf,
  type Problem,
  type Room,
  roomsBelow,
  roomsOf,
  scope,
  shown,
  sourceFiles,
  testFiles,
  typeScriptFiles,
} from './workspace.ts';

export function checkImports(root: string): Problem[] {
  return roomsOf(root).flatMap((room) => [...checkManifest(root, room), ...checkRoom(root, room)]);
}

/** Rooms that a room may import, or undefined when nobody has said where it stands. */
function allowedFor(room: Room): readonly string[] | undefined {
  return room.kind === 'package' ? roomsBelow[room.name] : Object.keys(roomsBelow);
}

function checkManifest(root: string, room: Room): Problem[] {
  const file = shown(root, resolve(room.directory, 'package.json'));
  const manifest = manifestOf(room.directory);
  const problems: Problem[] = [];
  if (manifest.name !== `${scope}${room.name}`)
    problems.push({ file, message: `is called ${manifest.name}, and should be ${scope}${room.name}` });
  const allowed = allowedFor(room);
  if (allowed === undefined)
    return [
      ...problems,
      { file, message: 'is a room without a place: add it to roomsBelow in tools/workspace.ts' },
    ];
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    if (!name.startsWith(scope)) continue;
    const below = name.slice(scope.length);
    if (!allowed.includes(below))
      problems.push({ file, message: `depends on ${name}, which is not below it` });
    else if (version !== versionOf(root, below))
      problems.push({
        file,
        message: `depends on ${name} ${version}, but its version is ${versionOf(root, below)}`,
      });
  }
  return problems;
}

function versionOf(root: string, name: string): string | undefined {
  const room = roomsOf(root).find((candidate) => candidate.kind === 'package' && candidate.name === name);
  return room === undefined ? undefined : manifestOf(room.directory).version;
}

function checkRoom(root: string, room: Room): Problem[] {
  const files =
    room.kind === 'tools' ? typeScriptFiles(room.directory) : [...sourceFiles(room), ...testFiles(room)];
  const tests = new Set(testFiles(room));
  const problems: Problem[] = [];
  const graph = new Map<string, string[]>();
  for (const path of files) {
    const file = parseFile(root, path);
    if ('problem' in file) {
      problems.push(file.problem);
      continue;
    }
    const imports = importsOf(file);
    problems.push(...imports.flatMap((found) => problemsOf(root, room, path, found, tests.has(path))));
    graph.set(
      path,
      imports.filter((found) => isRelative(found)).map((found) => resolve(dirname(path), found.specifier)),
    );
  }
  return [...problems, ...findCycles(graph).map((cycle) => circle(root, cycle))];
}

function circle(root: string, cycle: readonly string[]): Problem {
  const names = cycle.map((path) => shown(root, path));
  return {
    file: names[0] ?? '',
    message: `imports itself in a circle: ${[...names, names[0]].join(' -> ')}`,
  };
}

function isRelative(found: ImportOf): boolean {
  return found.specifier.startsWith('.');
}

function problemsOf(root: string, room: Room, path: string, found: ImportOf, inTest: boolean): Problem[] {
  const message = isRelative(found)
    ? relativeProblem(room, path, found.specifier)
    : bareProblem(root, room, found.specifier, inTest);
  return message === undefined ? [] : [{ file: shown(root, path), line: found.line, message }];
}

function relativeProblem(room: Room, path: string, specifier: string): string | undefined {
  const target = resolve(dirname(path), specifier);
  if (!target.startsWith(room.directory + sep)) return `reaches out of its room: ${specifier}`;
  if (!/\.(tsx?|js|json)$/.test(specifier)) return `imports ${specifier} without its extension`;
  return undefined;
}

function bareProblem(root: string, room: Room, specifier: string, inTest: boolean): string | undefined {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? undefined : `write node:${specifier}`;
  const name = packageOf(specifier);
  const own = manifestOf(room.directory);
  if (name.startsWith(scope)) return roomProblem(root, room, specifier, name, own, inTest);
  if (own.dependencies?.[name] !== undefined) return undefined;
  const forTests = inTest || room.kind === 'tools' ? [own, manifestOf(root)] : [];
  if (forTests.some((manifest) => manifest.devDependencies?.[name] !== undefined)) return undefined;
  return `imports ${name}, which its package.json does not list`;
}

function roomProblem(
  root: string,
  room: Room,
  specifier: string,
  name: string,
  own: Manifest,
  inTest: boolean,
): string | undefined {
  const below = name.slice(scope.length);
  if (below === room.name) return 'imports itself by name; a relative import is meant';
  const isFace = specifier === name || (room.kind !== 'package' && specifier === `${name}/diagrams`);
  if (!isFace && !(inTest && isTestSupport(root, below, specifier)))
    return `imports ${specifier}, past the public face ${name}`;
  const allowed = allowedFor(room);
  if (allowed !== undefined && !allowed.includes(below)) return `imports ${name}, which is not below it`;
  if (own.dependencies?.[name] === undefined && own.devDependencies?.[name] === undefined)
    return `imports ${name}, which its package.json does not list`;
  return undefined;
}

/** A suite that a package offers to the tests of others, as a port's contract: listed in its `exports`, and never packed. */
function isTestSupport(root: string, below: string, specifier: string): boolean {
  const directory = join(root, 'packages', below);
  if (!existsSync(directory)) return false;
  const path = `.${specifier.slice(scope.length + below.length)}`;
  const target = manifestOf(directory).exports?.[path];
  return typeof target === 'string' && target.startsWith('./test-support/');
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
