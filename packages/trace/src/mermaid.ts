// A chart as a Mermaid drawing (`stateDiagram-v2`), as GitHub shows it in a README.

import type { Chart, ChartEdge, ChartState } from './chart.ts';
import { eventWords } from './names.ts';

/** Draws a chart. Equal charts give equal text, so a check can tell a stale drawing. */
export function mermaidOf(chart: Chart): string {
  const drawing = new Drawing(chart);
  return ['stateDiagram-v2', ...drawing.lines().map((line) => `  ${line}`), ''].join('\n');
}

/** What stands on an edge: `event [guard] / action, action`. */
export function edgeText(edge: ChartEdge): string {
  const guard = edge.guard === undefined ? '' : ` [${edge.guard}]`;
  const actions = edge.actions.length === 0 ? '' : ` / ${edge.actions.join(', ')}`;
  const rule = edge.rule === undefined ? '' : ` (${edge.rule})`;
  return `${eventWords(edge.event, edge.delay)}${guard}${actions}${rule}`;
}

/** Words that Mermaid takes for its own when a state is called so. */
const reserved = new Set([
  'state',
  'end',
  'note',
  'direction',
  'class',
  'classDef',
  'style',
  'default',
  'as',
]);

class Drawing {
  readonly #chart: Chart;
  readonly #parents: ReadonlyMap<string, string | null>;
  readonly #children: ReadonlyMap<string | null, readonly ChartState[]>;

  constructor(chart: Chart) {
    this.#chart = chart;
    this.#parents = new Map(chart.states.map((state) => [state.path, state.parent]));
    this.#children = byParent(chart.states);
  }

  lines(): string[] {
    const root = this.#chart.states.find((state) => state.parent === null);
    if (root === undefined) return [];
    const body = this.#needsBox(root) ? this.#state(root) : this.#inside(root);
    return [...body, ...this.#distantEdges()];
  }

  /** The root is drawn as a box of its own when it has regions, transitions, actions or actors to show. */
  #needsBox(root: ChartState): boolean {
    return root.type === 'parallel' || this.#textLines(root).length > 0 || this.#leaves(root);
  }

  #leaves(state: ChartState): boolean {
    return this.#chart.edges.some((edge) => edge.source === state.path && edge.target !== undefined);
  }

  #state(state: ChartState): string[] {
    const id = this.#id(state.path);
    const declaration = `state "${label(this.#name(state))}" as ${id}`;
    const text = this.#textLines(state);
    if (this.#childrenOf(state).length === 0) {
      const end = state.type === 'final' ? [`${id} --> [*]`] : [];
      return [declaration, ...text.map((line) => `${id} : ${label(line)}`), ...end];
    }
    // Mermaid draws no text inside a state that has children; a note beside it has room.
    const note =
      text.length === 0 ? [] : [`note right of ${id}`, ...text.map((line) => `  ${label(line)}`), 'end note'];
    return [`${declaration} {`, ...this.#inside(state).map((line) => `  ${line}`), '}', ...note];
  }

  /** The children with the edges among them; the regions of a parallel state are set apart by `--`. */
  #inside(state: ChartState): string[] {
    const children = this.#childrenOf(state);
    const initial = state.initial === undefined ? [] : [`[*] --> ${this.#id(state.initial)}`];
    const states = children.flatMap((child, index) =>
      state.type === 'parallel' && index > 0 ? ['--', ...this.#state(child)] : this.#state(child),
    );
    const edges = this.#chart.edges.filter((edge) => this.#isDrawnIn(edge, state.path));
    return [...initial, ...states, ...edges.map((edge) => this.#edge(edge))];
  }

  /** An edge is drawn inside the state that is the parent of both its ends. */
  #isDrawnIn(edge: ChartEdge, path: string): boolean {
    return (
      edge.target !== undefined &&
      this.#parents.get(edge.source) === path &&
      this.#parents.get(edge.target) === path
    );
  }

  /** Edges across boxes come last and outermost: named anywhere else, Mermaid would move their states there. */
  #distantEdges(): string[] {
    return this.#chart.edges
      .filter(
        (edge) =>
          edge.target !== undefined && this.#parents.get(edge.source) !== this.#parents.get(edge.target),
      )
      .map((edge) => this.#edge(edge));
  }

  #edge(edge: ChartEdge): string {
    return `${this.#id(edge.source)} --> ${this.#id(edge.target ?? edge.source)} : ${label(edgeText(edge))}`;
  }

  /** What happens within a state without leaving it. An event that is taken and changes nothing is marked as ignored. */
  #textLines(state: ChartState): string[] {
    const kept = this.#chart.edges.filter((edge) => edge.source === state.path && edge.target === undefined);
    return [
      ...(state.entry.length === 0 ? [] : [`entry / ${state.entry.join(', ')}`]),
      ...(state.exit.length === 0 ? [] : [`exit / ${state.exit.join(', ')}`]),
      ...state.invokes.map((invoke) => `runs ${invoke.source}`),
      ...kept.map((edge) => (edge.actions.length === 0 ? `${edgeText(edge)} ignored` : edgeText(edge))),
    ];
  }

  #childrenOf(state: ChartState): readonly ChartState[] {
    return this.#children.get(state.path) ?? [];
  }

  #name(state: ChartState): string {
    const name = state.path === '' ? this.#chart.id : (state.path.split('.').at(-1) ?? state.path);
    return state.type === 'history' ? `${name} (history)` : name;
  }

  #id(path: string): string {
    const id = (path === '' ? this.#chart.id : path).replaceAll(/[^A-Za-z0-9]/g, '_');
    const taken = path === '' && this.#parents.has(id);
    return reserved.has(id) || taken ? `${id}_` : id;
  }
}

function byParent(states: readonly ChartState[]): Map<string | null, ChartState[]> {
  const children = new Map<string | null, ChartState[]>();
  for (const state of states) {
    const siblings = children.get(state.parent);
    if (siblings === undefined) children.set(state.parent, [state]);
    else siblings.push(state);
  }
  return children;
}

/** Mermaid ends a label at a colon or semicolon, and takes angle brackets and quotes for markup. */
function label(text: string): string {
  return text.replaceAll(/[:;]/g, ',').replaceAll('"', "'").replaceAll('<', '‹').replaceAll('>', '›');
}
