// A client of the cluster that is seen, one for each source; closed when the source is left.

import type { Client } from '@odradek/client';
import { useMemo } from 'preact/hooks';
import { useConsole } from '../app/the-console.ts';
import type { ViewSource } from '../sources/view-source.ts';

const clients = new WeakMap<ViewSource, Client>();

/** Undefined where nobody is there to be asked. */
export function useClient(): Client | undefined {
  const console = useConsole();
  // A source that has been chosen changes the state, and so this component is drawn again.
  console.state.value;
  const { source } = console;
  return useMemo(() => (source === undefined ? undefined : clientOf(source)), [source]);
}

function clientOf(source: ViewSource): Client | undefined {
  const known = clients.get(source);
  if (known !== undefined) return known;
  const made = source.client?.();
  if (made !== undefined) clients.set(source, made);
  return made;
}
