// Law 2: below the hosts nothing knows a clock, chance, a file, a socket or a promise.

import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import { importsOf, lineAt, type Node, nameOf, nodeAt, parseFile, type SourceFile, walk } from './syntax.ts';
import { impureRooms, type Problem, type Room, roomsOf, shown, sourceFiles } from './workspace.ts';

export function checkPurity(root: string): Problem[] {
  return roomsOf(root).flatMap((room) => pureFiles(room).flatMap((path) => checkFile(root, path)));
}

/** The client's public face, the files directly in its `src`, may promise; the rest of it, and its machines, may not. */
function pureFiles(room: Room): string[] {
  if (room.kind !== 'package' || impureRooms.includes(room.name)) return [];
  if (room.name !== 'client') return sourceFiles(room);
  const face = join(room.directory, 'src');
  return sourceFiles(room).filter(
    (path) => path.endsWith('.machine.ts') || path !== join(face, basename(path)),
  );
}

function checkFile(root: string, path: string): Problem[] {
  const file = parseFile(root, path);
  if ('problem' in file) return [file.problem];
  const at = (line: number, what: string): Problem => ({
    file: shown(root, path),
    line,
    message: `${what} in a pure room: ask a port, or take it as input`,
  });
  return [
    ...importsOf(file)
      .filter((found) => isBuiltin(found.specifier))
      .map((found) => at(found.line, found.specifier)),
    ...impurities(file).map(({ node, what }) => at(lineAt(file, node.start), what)),
  ];
}

interface Impurity {
  readonly node: Node;
  readonly what: string;
}

function impurities(file: SourceFile): Impurity[] {
  const declared = declaredNames(file);
  const found: Impurity[] = [];
  walk(file.program, (node, around) => {
    const what = impurityOf(node, around.at(-1), declared);
    if (what !== undefined) found.push({ node, what });
  });
  return found;
}

/** Names that have no meaning but the platform's. */
const platformTypes = new Set(['Promise', 'PromiseLike', 'Date', 'Intl']);

/** Names of the platform that a file may also give to something of its own. */
const platformNames = new Set([
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'queueMicrotask'],
  ...['process', 'Buffer', 'performance', 'crypto', 'fetch', 'globalThis', 'console', 'WebSocket'],
]);

function impurityOf(node: Node, parent: Node | undefined, declared: ReadonlySet<string>): string | undefined {
  if (node.async === true) return 'async';
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await === true))
    return 'await';
  if (node.type === 'ImportExpression') return 'a dynamic import';
  if (node.type === 'MemberExpression') {
    const property = nameOf(nodeAt(node, 'property'));
    if (property?.startsWith('toLocale') === true) return property;
    return nameOf(nodeAt(node, 'object')) === 'Math' && property === 'random' ? 'Math.random' : undefined;
  }
  const name = node.type === 'Identifier' ? nameOf(node) : undefined;
  if (name === undefined || isOnlyAName(node, parent)) return undefined;
  return platformTypes.has(name) || (platformNames.has(name) && !declared.has(name)) ? name : undefined;
}

/** A property's key, as in `clock.setTimeout` or `{ process: … }`, refers to nothing of the platform. */
function isOnlyAName(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined) return false;
  if (parent.type === 'MemberExpression') return parent.property === node && parent.computed !== true;
  if (parent.type === 'Property' && parent.shorthand === true) return parent.value !== node;
  if (parent.type === 'TSQualifiedName') return parent.right === node;
  return parent.key === node && parent.computed !== true;
}

/** Names that the file itself declares: imports, variables, parameters, functions. */
function declaredNames(file: SourceFile): Set<string> {
  const names = new Set<string>();
  const add = (node: Node | undefined): void => {
    const name = nameOf(node);
    if (name !== undefined) names.add(name);
  };
  walk(file.program, (node) => {
    if (node.type.startsWith('Import')) add(nodeAt(node, 'local'));
    if (node.type === 'VariableDeclarator' || node.type === 'FunctionDeclaration') add(nodeAt(node, 'id'));
    if (Array.isArray(node.params)) for (const parameter of node.params) add(parameter);
  });
  return names;
}
