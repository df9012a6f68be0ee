// Source files as syntax trees, so that checks look at code and never at comments or strings.

import { readFileSync } from 'node:fs';
import { parseAst } from 'rolldown/parseAst';
import { type Problem, shown } from './workspace.ts';

/** A node of an ESTree; what else it has depends on its type. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly program: Node;
}

export type Parsed = SourceFile | { readonly problem: Problem };

const parsed = new Map<string, { readonly text: string; readonly result: Parsed }>();

/** Parses a TypeScript file. One that does not parse is a problem like any other: rooms may be half written. */
export function parseFile(root: string, path: string): Parsed {
  const text = readFileSync(path, 'utf8');
  const known = parsed.get(path);
  if (known !== undefined && known.text === text) return known.result;
  const result = parseText(root, path, text);
  parsed.set(path, { text, result });
  return result;
}

function parseText(root: string, path: string, text: string): Parsed {
  try {
    const program: unknown = parseAst(text, { lang: path.endsWith('.tsx') ? 'tsx' : 'ts' }, path);
    if (!isNode(program)) throw new Error('The parser gave no syntax tree.');
    return { path, text, program };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ') : String(error);
    return { problem: { file: shown(root, path), message: `does not parse: ${reason}` } };
  }
}

/** Calls `visit` for each node, outermost first, with the nodes around it, nearest last. A result of false leaves the node's inside out. */
export function walk(
  node: Node,
  // biome-ignore lint/suspicious/noConfusingVoidType: a visitor that never leaves anything out returns nothing.
  visit: (node: Node, around: readonly Node[]) => boolean | void,
  around: readonly Node[] = [],
): void {
  if (visit(node, around) === false) return;
  const inside = [...around, node];
  for (const child of childrenOf(node)) walk(child, visit, inside);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The node at a key, when there is one of the given type (or of any). */
export function nodeAt(node: Node, key: string, type?: string): Node | undefined {
  const value = node[key];
  return isNode(value) && (type === undefined || value.type === type) ? value : undefined;
}

/** The name of an identifier, or the text of a string literal. */
export function nameOf(node: Node | undefined): string | undefined {
  if (node?.type === 'Identifier' && typeof node.name === 'string') return node.name;
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

export function isFunction(node: Node): boolean {
  return ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type);
}

/** The line of a position, from 1. */
export function lineAt(file: SourceFile, position: number): number {
  return file.text.slice(0, position).split('\n').length;
}

export interface ImportOf {
  readonly specifier: string;
  readonly line: number;
}

const importing = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

/** Everything a file imports or exports again, types included. */
export function importsOf(file: SourceFile): ImportOf[] {
  const found: ImportOf[] = [];
  walk(file.program, (node) => {
    const specifier = importing.has(node.type) ? nameOf(nodeAt(node, 'source')) : undefined;
    if (specifier !== undefined) found.push({ specifier, line: lineAt(file, node.start) });
  });
  return found;
}
