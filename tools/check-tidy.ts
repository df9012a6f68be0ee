// What keeps the code a place that one likes to read: sizes, nothing left open, machines that name what they do.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkMachineFile } from './check-machines.ts';
import { isFunction, lineAt, type Node, nameOf, nodeAt, parseFile, type SourceFile, walk } from './syntax.ts';
import { filesIn, type Problem, type Room, roomsOf, shown, sourceFiles, testFiles } from './workspace.ts';

export const maxFileLines = 400;
export const maxFunctionLines = 70;

export function checkTidy(root: string): Problem[] {
  const rooms = roomsOf(root);
  return [
    ...rooms.flatMap((room) => checkRoom(root, room)),
    ...rooms.flatMap((room) => sourceFiles(room).flatMap((path) => checkSource(root, path))),
    ...rooms.flatMap((room) => testFiles(room).flatMap((path) => checkTest(root, path))),
    ...writtenFiles(root).flatMap((path) => checkWords(root, path)),
  ];
}

/** A room without source is one that nobody has begun; it owes nothing yet. */
function checkRoom(root: string, room: Room): Problem[] {
  if (sourceFiles(room).length === 0) return [];
  const wanted = room.kind === 'package' ? ['README.md', 'src/index.ts'] : ['README.md'];
  return wanted
    .filter((file) => !existsSync(join(room.directory, file)))
    .map((file) => ({ file: shown(root, join(room.directory, file)), message: 'is missing' }));
}

function checkSource(root: string, path: string): Problem[] {
  const file = parseFile(root, path);
  if ('problem' in file) return [file.problem];
  const machine = path.endsWith('.machine.ts') ? checkMachineFile(root, file) : [];
  return [...tooLong(root, file), ...longFunctions(root, file), ...machine];
}

function checkTest(root: string, path: string): Problem[] {
  const file = parseFile(root, path);
  if ('problem' in file) return [file.problem];
  return [...tooLong(root, file), ...switchedOff(root, file)];
}

function tooLong(root: string, file: SourceFile): Problem[] {
  const lines = file.text.trimEnd().split('\n').length;
  if (lines <= maxFileLines) return [];
  return [{ file: shown(root, file.path), message: `has ${lines} lines; split it below ${maxFileLines}` }];
}

function longFunctions(root: string, file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  walk(file.program, (node) => {
    if (!isFunction(node)) return;
    const line = lineAt(file, node.start);
    const lines = lineAt(file, node.end) - line + 1;
    if (lines > maxFunctionLines)
      problems.push({
        file: shown(root, file.path),
        line,
        message: `a function of ${lines} lines; split it below ${maxFunctionLines}`,
      });
  });
  return problems;
}

const testFunctions = new Set(['it', 'test', 'describe', 'suite']);
// Brackets keep a pattern from finding itself.
const switches = /^(skip|only|to[d]o|fails)$/;

function switchedOff(root: string, file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  walk(file.program, (node) => {
    if (node.type !== 'MemberExpression') return;
    const name = nameOf(nodeAt(node, 'property'));
    if (name === undefined || !switches.test(name) || !startsAtTest(node)) return;
    const line = lineAt(file, node.start);
    problems.push({ file: shown(root, file.path), line, message: `a test with .${name}` });
  });
  return problems;
}

/** `it.skip`, and `it.each.skip` too. */
function startsAtTest(node: Node): boolean {
  let at: Node | undefined = node;
  while (at?.type === 'MemberExpression') at = nodeAt(at, 'object');
  return testFunctions.has(nameOf(at) ?? '');
}

const leftOpen = /\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K|not[ ]implemented|place[h]older|stu[b])\b/i;
const elsewhere = /\/wor[k]\/|\/far[m]\/|\/tmp\/bas[h]_jobs|\.\.\/share[d]\//;

const written = /\.(tsx?|js|json|md|yml|sh|css|html)$|\/\.ci\/run$/;

function writtenFiles(root: string): string[] {
  return filesIn(root).filter((path) => written.test(path) && !path.endsWith('package-lock.json'));
}

function checkWords(root: string, path: string): Problem[] {
  const file = shown(root, path);
  const isSource = /\.tsx?$/.test(path) && !file.includes('/test/');
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, index): Problem[] => {
      const at = { file, line: index + 1 };
      const open = isSource ? leftOpen.exec(line) : null;
      return [
        ...(open === null ? [] : [{ ...at, message: `left open: ${open[0]}` }]),
        ...(elsewhere.test(line) ? [{ ...at, message: 'names a path that only one machine has' }] : []),
      ];
    });
}
