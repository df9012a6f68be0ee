// A machine's configuration as JSON, as `@statelyai/inspect` sends it, as a chart. Functions have become names, or nothing.

import type { Chart, ChartEdge, ChartState, ChartStateType } from '../chart.ts';

type Config = Readonly<Record<string, unknown>>;

interface Node {
  readonly config: Config;
  readonly path: string;
  readonly parent: string | null;
}

/** Deeper ones are no machine that anybody drew. */
const maxDepth = 30;

/** Undefined when it is no machine's. */
export function chartOfDefinition(definition: unknown): Chart | undefined {
  if (!isRecord(definition)) return undefined;
  const id = typeof definition.id === 'string' ? definition.id : '(machine)';
  const nodes = nodesOf({ config: definition, path: '', parent: null }, 0);
  if (nodes.length === 1 && definition.on === undefined) return undefined;
  const byId = new Map(
    nodes.flatMap(({ config, path }) => (typeof config.id === 'string' ? [[config.id, path]] : [])),
  );
  byId.set(id, '');
  const paths = new Set(nodes.map(({ path }) => path));
  return {
    id,
    states: nodes.map(stateOf),
    edges: nodes.flatMap((node) => edgesOf(node, (target) => resolved(target, node, byId, paths))),
  };
}

function nodesOf(node: Node, depth: number): Node[] {
  const states = isRecord(node.config.states) && depth < maxDepth ? node.config.states : {};
  const children = Object.entries(states).flatMap(([key, config]) =>
    isRecord(config) ? nodesOf({ config, path: below(node.path, key), parent: node.path }, depth + 1) : [],
  );
  return [node, ...children];
}

function stateOf({ config, path, parent }: Node): ChartState {
  const { initial, description } = config;
  return {
    path,
    parent,
    type: typeOf(config),
    ...(typeof initial === 'string' ? { initial: below(path, initial) } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    tags: listOf(config.tags).filter((tag) => typeof tag === 'string'),
    entry: listOf(config.entry).map(nameOf),
    exit: listOf(config.exit).map(nameOf),
    invokes: listOf(config.invoke)
      .filter(isRecord)
      .map(({ id, src }) => ({ id: String(id ?? nameOf(src)), source: nameOf(src) })),
  };
}

function typeOf({ type, states }: Config): ChartStateType {
  if (type === 'parallel' || type === 'final' || type === 'history') return type;
  return isRecord(states) && Object.keys(states).length > 0 ? 'compound' : 'atomic';
}

type Resolve = (target: string) => string | undefined;

function edgesOf(node: Node, resolve: Resolve): ChartEdge[] {
  const { on, after, always } = node.config;
  const { path: source } = node;
  const id = nodeId(node);
  return [
    ...transitions(on).flatMap(([event, one]) => edgesFor({ source, event, resolve }, one)),
    ...transitions(after).flatMap(([delay, one]) =>
      edgesFor({ source, event: `xstate.after.${delay}.${id}`, delay, resolve }, one),
    ),
    ...listOf(always).flatMap((one) => edgesFor({ source, event: '', resolve }, one)),
  ];
}

function nodeId({ config, path }: Node): string {
  return typeof config.id === 'string' ? config.id : path;
}

function transitions(on: unknown): [string, unknown][] {
  if (!isRecord(on)) return [];
  return Object.entries(on).flatMap(([event, given]) =>
    listOf(given).map((one): [string, unknown] => [event, one]),
  );
}

interface Place {
  readonly source: string;
  readonly event: string;
  readonly delay?: string;
  readonly resolve: Resolve;
}

function edgesFor({ source, event, delay, resolve }: Place, given: unknown): ChartEdge[] {
  const one = typeof given === 'string' ? { target: given } : isRecord(given) ? given : {};
  const { guard, actions, description, reenter } = {
    guard: undefined,
    actions: undefined,
    description: undefined,
    reenter: undefined,
    ...one,
  };
  const edge: ChartEdge = {
    source,
    event,
    ...(guard === undefined || guard === null ? {} : { guard: nameOf(guard) }),
    actions: listOf(actions).map(nameOf),
    ...(reenter === true ? { reenter: true } : {}),
    ...(delay === undefined ? {} : { delay }),
    ...(event === '' ? { always: true } : {}),
    ...(typeof description === 'string' ? { description } : {}),
  };
  const targets = listOf(one.target).filter((target) => typeof target === 'string');
  if (targets.length === 0) return [edge];
  return targets.map((target) => {
    const path = resolve(target);
    return path === undefined ? edge : { ...edge, target: path };
  });
}

/** `#id`, `#id.below`, `.below`, or a sibling. */
function resolved(
  target: string,
  { path, parent }: Node,
  byId: ReadonlyMap<string, string>,
  paths: ReadonlySet<string>,
): string | undefined {
  const candidates = target.startsWith('#')
    ? [...byId].flatMap(([id, at]) =>
        target === `#${id}`
          ? [at]
          : target.startsWith(`#${id}.`)
            ? [below(at, target.slice(id.length + 2))]
            : [],
      )
    : [target.startsWith('.') ? below(path, target.slice(1)) : below(parent ?? path, target)];
  return candidates.find((candidate) => paths.has(candidate));
}

function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const name = isRecord(value) ? (value.type ?? value.name ?? value.id) : undefined;
  return typeof name === 'string' && name !== '' ? name : '(unnamed)';
}

function isRecord(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
