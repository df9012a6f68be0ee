// What an event or a message carries, in a few values.

import type { EventValue } from '@odradek/trace';
import { shortNames } from './short-names.ts';

/** Kafka's form of an id that nobody chose: it says nothing to people. */
const unspeakable = /^[\w-]{22}$/;

export interface CarriedProps {
  readonly values: readonly EventValue[];
  readonly what: 'event' | 'message';
}

export function Carried({ values, what }: CarriedProps) {
  const told = values.filter(([, value]) => typeof value !== 'string' || !unspeakable.test(value));
  if (told.length === 0) return null;
  const names = shortNames(told.map(([name]) => name));
  return (
    <ul
      class="carried small"
      data-fact={what === 'event' ? 'carried' : undefined}
      aria-label={`What the ${what} carried`}
    >
      {told.map(([name, value], at) => (
        <li key={name} title={name}>
          <span class="faint">{names[at]}</span> <b class="mono">{String(value)}</b>
        </li>
      ))}
    </ul>
  );
}
