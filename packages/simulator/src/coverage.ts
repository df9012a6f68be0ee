// What a run, or ten thousand, have been through: which edges of which machines, the rules that stand beside them, which faults. An edge that
// is never taken is dead code, or a hole in the simulator.

import { nodeMachines } from '@odradek/core';
import { type ChartEdge, chartOf, edgesOfTransition, type WatchedRoot } from '@odradek/trace';
import type { AnyTransitionDefinition } from 'xstate';
import { type FaultKind, faultKinds } from './fault-kinds.ts';

/** How often each was met, those never met too; plain data, to be added up over processes. */
export interface CoverageCounts {
  /** By machine and edge: `quorum leader --log failed[]--> failed`. */
  readonly edges: Readonly<Record<string, number>>;
  readonly rules: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
}

export class Coverage {
  readonly #taken = new Map<AnyTransitionDefinition, number>();
  readonly #faults = new Map<string, number>();

  /** Counts every step of a node's machines from now on. */
  watch(root: WatchedRoot): void {
    root.system.inspect((event) => {
      if (event.type !== '@xstate.microstep') return;
      for (const transition of event._transitions)
        this.#taken.set(transition, (this.#taken.get(transition) ?? 0) + 1);
    });
  }

  noteFaults(faults: Readonly<Partial<Record<FaultKind, number>>>): void {
    for (const [kind, count] of Object.entries(faults))
      this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + count);
  }

  get counts(): CoverageCounts {
    const edges: Record<string, number> = {};
    const rules: Record<string, number> = {};
    for (const machine of Object.values(nodeMachines))
      for (const edge of chartOf(machine).edges) {
        edges[edgeName(machine.id, edge)] = 0;
        for (const rule of rulesOf(edge)) rules[rule] = 0;
      }
    for (const [transition, count] of this.#taken)
      for (const edge of edgesOfTransition(transition)) {
        const name = edgeName(transition.source.machine.id, edge);
        edges[name] = (edges[name] ?? 0) + count;
        for (const rule of rulesOf(edge)) rules[rule] = (rules[rule] ?? 0) + count;
      }
    const faults = Object.fromEntries(faultKinds.map((kind) => [kind, this.#faults.get(kind) ?? 0]));
    return { edges, rules, faults };
  }
}

export function addCoverage(one: CoverageCounts, other: CoverageCounts): CoverageCounts {
  return {
    edges: added(one.edges, other.edges),
    rules: added(one.rules, other.rules),
    faults: added(one.faults, other.faults),
  };
}

/** The names that were never met. */
export function neverMet(counts: Readonly<Record<string, number>>): string[] {
  return Object.keys(counts).filter((name) => counts[name] === 0);
}

type Counts = Readonly<Record<string, number>>;

function added(one: Counts, other: Counts): Counts {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

function edgeName(machine: string, { source, event, guard, target, delay }: ChartEdge): string {
  const cause = delay === undefined ? event : `after ${delay}`;
  return `${machine} ${source} --${cause}${guard === undefined ? '' : ` [${guard}]`}--> ${target ?? 'stays'}`;
}

function rulesOf({ rule }: ChartEdge): string[] {
  return rule === undefined ? [] : rule.split(', ');
}
