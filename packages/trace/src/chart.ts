// A machine as plain data: what a drawing, a viewer and a trace need, and nothing that runs.
// The walk goes over `machine.root`, because xstate's own `definition` leaves out every `always` transition.

import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { actionName, delayName, guardName, isTimerOfAfter } from './names.ts';
import { ruleOfState, ruleOfTransition } from './rules.ts';

export type ChartStateType = 'atomic' | 'compound' | 'parallel' | 'final' | 'history';

export interface ChartInvoke {
  readonly id: string;
  /** The name under which the actor logic is registered in `setup`. */
  readonly source: string;
}

export interface ChartState {
  /** The keys from the root down, joined with dots; the root's is empty. */
  readonly path: string;
  readonly parent: string | null;
  readonly type: ChartStateType;
  /** The path of the child that is entered first. */
  readonly initial?: string;
  readonly description?: string;
  /** The rule of the protocol that this state stands for. */
  readonly rule?: string;
  readonly tags: readonly string[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly invokes: readonly ChartInvoke[];
}

export interface ChartEdge {
  readonly source: string;
  /** The event's type as xstate knows it; empty for an `always` transition. */
  readonly event: string;
  readonly guard?: string;
  /** Where it leads. None: the event is taken and the state kept. Several targets make several edges. */
  readonly target?: string;
  readonly actions: readonly string[];
  readonly reenter?: true;
  /** The name of the delay after which it is taken (an `after` transition), or its milliseconds. */
  readonly delay?: string;
  readonly always?: true;
  readonly rule?: string;
  readonly description?: string;
}

export interface Chart {
  readonly id: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
}

/** The chart of a machine: its states in document order, parents first, and all their transitions. */
export function chartOf(machine: AnyStateMachine): Chart {
  const nodes = withDescendants(machine.root);
  return { id: machine.id, states: nodes.map(stateOf), edges: nodes.flatMap(edgesOf) };
}

/** The path of a state node below its machine's root, as in {@link ChartState.path}. */
export function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}

function withDescendants(node: AnyStateNode): AnyStateNode[] {
  return [node, ...childrenOf(node).flatMap(withDescendants)];
}

function childrenOf(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states);
}

function stateOf(node: AnyStateNode): ChartState {
  const initial = node.type === 'compound' ? node.initial.target[0] : undefined;
  const rule = ruleOfState(node);
  return {
    path: pathOf(node),
    parent: node.parent === undefined ? null : pathOf(node.parent),
    type: node.type,
    ...(initial === undefined ? {} : { initial: pathOf(initial) }),
    ...(node.description === undefined ? {} : { description: node.description }),
    ...(rule === undefined ? {} : { rule }),
    tags: [...node.tags],
    entry: node.entry.filter((action) => !isTimerOfAfter(action)).map(actionName),
    exit: node.exit.filter((action) => !isTimerOfAfter(action)).map(actionName),
    invokes: node.invoke.map((invoke) => ({
      id: invoke.id,
      source: typeof invoke.src === 'string' ? invoke.src : '(unnamed)',
    })),
  };
}

function edgesOf(node: AnyStateNode): ChartEdge[] {
  const transitions: AnyTransitionDefinition[] = [...node.transitions.values(), node.always ?? []].flat();
  return transitions.flatMap(edgesOfTransition);
}

/** The edges of one transition, as xstate defines it or reports it taken: one for each target, one if it has none. */
export function edgesOfTransition(transition: AnyTransitionDefinition): ChartEdge[] {
  const source = pathOf(transition.source);
  const event = String(transition.eventType);
  const guard = guardName(transition.guard);
  const delay = delayName(event, transition.source.id);
  const rule = ruleOfTransition(transition);
  const edge: ChartEdge = {
    source,
    event,
    ...(guard === undefined ? {} : { guard }),
    actions: transition.actions.map(actionName),
    ...(transition.reenter ? { reenter: true } : {}),
    ...(delay === undefined ? {} : { delay }),
    ...(event === '' ? { always: true } : {}),
    ...(rule === undefined ? {} : { rule }),
    ...(transition.description === undefined ? {} : { description: transition.description }),
  };
  const targets: readonly AnyStateNode[] = transition.target ?? [];
  return targets.length === 0 ? [edge] : targets.map((target) => ({ ...edge, target: pathOf(target) }));
}
