// How components reach the page's one store.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Console } from '../console/console.ts';

export const ConsoleContext = createContext<Console | undefined>(undefined);

export function useConsole(): Console {
  const found = useContext(ConsoleContext);
  if (found === undefined) throw new Error('There is no console around this component.');
  return found;
}
