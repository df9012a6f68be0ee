// Whether what stands in `cluster.json` is what `up` would have written: it may have been copied, mended by hand, or cut short.

import { isAbsolute } from 'node:path';

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with it, where, and what is allowed; undefined: nothing. */
export function clusterFileProblem(content: unknown): string | undefined {
  if (!isObject(content) || content.version !== 1) return 'it is not a cluster file of version 1';
  const { clusterId, pid, control, nodes } = content;
  return (
    wrong('clusterId', clusterId, isText(clusterId), 'a text') ??
    wrong('pid', pid, isProcess(pid), 'the number of a process, or null') ??
    controlProblem(control) ??
    (Array.isArray(nodes) && nodes.length > 0
      ? nodesProblem(nodes)
      : wrong('nodes', nodes, false, 'a list of nodes, one at least'))
  );
}

function controlProblem(control: unknown): string | undefined {
  if (control === null) return undefined;
  if (!isObject(control)) return wrong('control', control, false, 'an object, or null');
  return (
    wrong('control.port', control.port, isPort(control.port), port) ??
    (isText(control.token) ? undefined : 'control.token is no text')
  );
}

function nodesProblem(nodes: readonly unknown[]): string | undefined {
  const ids = new Set<unknown>();
  const ports = new Set<unknown>();
  for (const [index, node] of nodes.entries()) {
    const place = `nodes[${index}]`;
    if (!isObject(node)) return wrong(place, node, false, 'an object');
    const problem = nodeProblem(place, node);
    if (problem !== undefined) return problem;
    if (ids.has(node.id)) return `${place}.id is ${node.id} once more: each node has an id of its own`;
    if (ports.has(node.port))
      return `${place}.port is ${node.port} once more: each node has a port of its own`;
    ids.add(node.id);
    ports.add(node.port);
  }
  const isBroker = (node: unknown): boolean => isObject(node) && isListOf(['broker'], node.roles, true);
  return nodes.some(isBroker) ? undefined : 'no node is a broker: one at least is needed';
}

const port = 'a whole number from 1 to 65535';
const roles = ['broker', 'controller'];

function nodeProblem(place: string, node: Fields): string | undefined {
  const { id, host, directory, directoryId, pid } = node;
  return (
    wrong(`${place}.id`, id, isWhole(id, 0), 'a whole number from 0') ??
    wrong(
      `${place}.roles`,
      node.roles,
      isListOf(roles, node.roles),
      'one or both of "broker" and "controller"',
    ) ??
    wrong(`${place}.host`, host, isText(host), 'a text') ??
    wrong(`${place}.port`, node.port, isPort(node.port), port) ??
    wrong(`${place}.directory`, directory, isText(directory) && isAbsolute(directory), 'an absolute path') ??
    wrong(`${place}.directoryId`, directoryId, isText(directoryId), 'a text') ??
    wrong(`${place}.pid`, pid, isProcess(pid), 'the number of a process, or null')
  );
}

function wrong(place: string, value: unknown, isRight: boolean, allowed: string): string | undefined {
  return isRight ? undefined : `${place} is ${JSON.stringify(value) ?? 'missing'}: allowed is ${allowed}`;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function isWhole(value: unknown, least: number, most = 2 ** 31 - 1): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function isPort(value: unknown): boolean {
  return isWhole(value, 1, 65_535);
}

function isProcess(value: unknown): boolean {
  return value === null || isWhole(value, 1);
}

/** `some`: one of them is enough, whatever else there is. */
function isListOf(words: readonly string[], value: unknown, some = false): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  const isKnown = (word: unknown): boolean => words.some((known) => known === word);
  return some ? value.some(isKnown) : value.every(isKnown);
}
