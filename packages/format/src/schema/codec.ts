// Messages to and from bytes, by their definitions: no generated code. A definition is looked at once for each version; what it
// comes to there is a plan, which is kept as long as the definition is.

import { ByteReader } from '../bytes.ts';
import type { MessageDefinition, MessageValue } from './definition.ts';
import { planOf, type StructPlan } from './plan.ts';
import { written } from './written.ts';

/** By definition, then by version. Definitions are not changed after they are used. */
const plans = new WeakMap<MessageDefinition, StructPlan[]>();

/** The bytes of a message's body in one version. A field that is not given is written as its default. */
export function encodeMessage(
  definition: MessageDefinition,
  version: number,
  value: MessageValue,
): Uint8Array {
  return written(keptPlan(definition, version).write, value);
}

/** Reads a message's body, from `start` on; refuses bytes left over. Unknown tagged fields are skipped (X2). */
export function decodeMessage(
  definition: MessageDefinition,
  version: number,
  bytes: Uint8Array,
  start = 0,
): MessageValue {
  const plan = keptPlan(definition, version);
  const reader = new ByteReader(bytes, start);
  const value = plan.read(reader);
  reader.end();
  return value;
}

/** Only versions that the definition has come to be kept: {@link planOf} refuses the others. */
function keptPlan(definition: MessageDefinition, version: number): StructPlan {
  let byVersion = plans.get(definition);
  if (byVersion === undefined) {
    byVersion = [];
    plans.set(definition, byVersion);
  }
  const kept = byVersion[version];
  if (kept !== undefined) return kept;
  const plan = planOf(definition, version);
  byVersion[version] = plan;
  return plan;
}
