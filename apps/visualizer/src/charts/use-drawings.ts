// The drawings of a chart, as soon as they are there.

import type { Chart, MachineDrawings } from '@odradek/trace';
import { useEffect, useState } from 'preact/hooks';
import { drawingsOf } from './drawings.ts';

export type Drawn =
  | { readonly state: 'waiting' }
  | { readonly state: 'drawn'; readonly drawings: MachineDrawings }
  | { readonly state: 'failed'; readonly why: string };

export function useDrawings(chart: Chart): Drawn {
  const [drawn, setDrawn] = useState<{ readonly chart: Chart; readonly drawn: Drawn }>();
  useEffect(() => {
    let isGone = false;
    const set = (next: Drawn): void => {
      if (!isGone) setDrawn({ chart, drawn: next });
    };
    drawingsOf(chart).then(
      (drawings) => set({ state: 'drawn', drawings }),
      (error: unknown) =>
        set({ state: 'failed', why: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      isGone = true;
    };
  }, [chart]);
  return drawn?.chart === chart ? drawn.drawn : { state: 'waiting' };
}
