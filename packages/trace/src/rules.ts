// Which rule of the protocol a state or a transition enforces, as the machine itself says it.

import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** Rule ids at the start of a description: `L3`, `Q1, Q4`, `I2 and L9`. */
const leadingRules = /^[A-Z]{1,2}\d+(?:(?:,| and| \/) ?[A-Z]{1,2}\d+)*(?![A-Za-z0-9])/;

/** The rule of a transition: its own `meta: { rule }` or description, else its source state's. */
export function ruleOfTransition(transition: AnyTransitionDefinition): string | undefined {
  return citedRule(transition.meta, transition.description) ?? ruleOfState(transition.source);
}

/** The rule of a state: its `meta: { rule }`, or the ids with which its description begins. */
export function ruleOfState(node: AnyStateNode): string | undefined {
  return citedRule(node.meta, node.description);
}

function citedRule(meta: unknown, description: string | undefined): string | undefined {
  if (typeof meta === 'object' && meta !== null && 'rule' in meta && typeof meta.rule === 'string')
    return meta.rule;
  return description?.match(leadingRules)?.[0];
}
