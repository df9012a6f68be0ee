// The chart of a machine with its actors in it: of all of them, or of the one that is picked.

import type { Detail, Drawing, MachineDrawings, World } from '@odradek/trace';
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { activityOf, type CountedSince, coverageOf, edgeKeysOf } from './activity.ts';
import { HowToRead } from './how-to-read.tsx';
import { LitChart } from './lit-chart.ts';
import type { Picked } from './picked.ts';
import { PickedPanel } from './picked-panel.tsx';
import { Statechart } from './statechart.tsx';
import { ZoomPane } from './zoom-pane.tsx';

export interface LiveChartProps {
  readonly drawings: MachineDrawings;
  readonly world: World;
  readonly actor: string | undefined;
  readonly since: CountedSince;
}

/** A drawing up to this width is read at once where most pages are. */
const readableWidthPx = 1150;

export function LiveChart({ drawings, world, actor, since }: LiveChartProps) {
  const [detail, setDetail] = useState<Detail>(drawings.all.width <= readableWidthPx ? 'all' : 'names');
  const [showsNever, setShowsNever] = useState(false);
  const picked = useSignal<Picked | undefined>(undefined);
  const isOne = useSignal(false);
  const drawing: Drawing = drawings[detail];
  const lit = useLit(drawing, world, actor);
  isOne.value = actor !== undefined && world.actors.has(actor);
  const tools = (
    <>
      <span class="choice">
        <Choice name="Overview" isOn={detail === 'names'} choose={() => setDetail('names')} />
        <Choice name="Everything" isOn={detail === 'all'} choose={() => setDetail('all')} />
      </span>
      <label class="small">
        <input
          type="checkbox"
          checked={showsNever}
          onChange={(event) => setShowsNever(event.currentTarget.checked)}
        />{' '}
        how often, and what never happened <Coverage lit={lit} since={since} />
      </label>
    </>
  );
  return (
    <div class={showsNever ? 'live-chart shows-never' : 'live-chart'}>
      <ZoomPane
        key={`${drawing.chart.id} ${detail}`}
        width={drawing.width}
        height={drawing.height}
        label={`Drawing of ${drawing.chart.id}`}
        tools={tools}
        aside={<PickedPanel lit={lit} picked={picked} since={since} />}
        subject={actor ?? ''}
        placeOfSubject={() => lit.liveliest}
      >
        <Statechart lit={lit} picked={picked} isOne={isOne} />
      </ZoomPane>
      <HowToRead />
    </div>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly isOn: boolean;
  readonly choose: () => void;
}

function Choice({ name, isOn, choose }: ChoiceProps) {
  return (
    <button type="button" aria-pressed={isOn} onClick={choose}>
      {name}
    </button>
  );
}

function Coverage({ lit, since }: { readonly lit: LitChart; readonly since: CountedSince }) {
  const text = useComputed(() => {
    const { never, all } = coverageOf(lit.taken.value);
    return `${never} of ${all} transitions never since ${since.at}`;
  });
  return (
    <span class="faint" data-fact="coverage" title={since.what}>
      ({text})
    </span>
  );
}

/** The lights of a drawing, at the moment that is seen. Whoever calls this is drawn anew for each frame; the drawing is not. */
function useLit(drawing: Drawing, world: World, actor: string | undefined): LitChart {
  const lit = useMemo(() => new LitChart(drawing), [drawing]);
  const keys = useMemo(() => edgeKeysOf(drawing.chart), [drawing]);
  const [, again] = useState(0);
  const [isFading, setFading] = useState(false);
  useLayoutEffect(() => {
    const seen = actor === undefined ? undefined : world.actors.get(actor);
    const activity = activityOf(world, drawing.chart, keys, seen);
    setFading(lit.show(activity, seen !== undefined, performance.now()));
  });
  // Nothing may come any more: then what is lit is put out all the same.
  useEffect(() => {
    if (!isFading) return;
    const timer = setInterval(() => again((times) => times + 1), 250);
    return () => clearInterval(timer);
  }, [isFading]);
  return lit;
}
