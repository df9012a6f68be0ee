// A drawing, alive. Its elements are made once; from then on signals change attributes of single ones.

import { type DrawnState, headPath, isInside, linePath, numberText } from '@odradek/trace';
import { type Signal, useComputed } from '@preact/signals';
import { memo } from 'preact/compat';
import { countText } from './activity.ts';
import { ArrowLabel, ArrowLine } from './arrows.tsx';
import { Block } from './block.tsx';
import { Hit, toggle } from './hit.tsx';
import type { LitChart } from './lit-chart.ts';
import { isSame, nameOf, type Picked } from './picked.ts';

export interface StatechartProps {
  readonly lit: LitChart;
  readonly picked: Signal<Picked | undefined>;
  /** Whether one actor is shown: then its state is marked, and nobody is counted. */
  readonly isOne: Signal<boolean>;
}

/** Kept as it is whenever the same drawing is given again. */
export const Statechart = memo(function Statechart({ lit, picked, isOne }: StatechartProps) {
  const { drawing } = lit;
  const { width, height, states, arrows } = drawing;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot hold a drawing.
    <svg
      class="statechart"
      // Whoever listens for focus is else a stop of the tab key.
      tabindex={-1}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={`The statechart of ${drawing.chart.id}`}
      onClick={(event) => toggle(picked, event.target)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          toggle(picked, event.target);
        } else walk(event);
      }}
      onFocusIn={remember}
    >
      {states.map((state, at) => (
        <StateBox key={state.path} lit={lit} state={state} at={at} picked={picked} isOne={isOne} />
      ))}
      {arrows.map((arrow, at) => (
        <ArrowLine key={`${arrow.source}>${arrow.target}`} lit={lit} arrow={arrow} at={at} picked={picked} />
      ))}
      {arrows.map((arrow, at) => (
        <ArrowLabel key={`${arrow.source}>${arrow.target}`} lit={lit} arrow={arrow} at={at} picked={picked} />
      ))}
    </svg>
  );
});

interface StateBoxProps extends StatechartProps {
  readonly state: DrawnState;
  readonly at: number;
}

function StateBox({ lit, state, at, picked, isOne }: StateBoxProps) {
  const { path, x, y, width, height } = state;
  const actors = lit.actors[at];
  const own: Picked = { kind: 'state', path };
  const isFrame = lit.drawing.states.some((other) => isInside(other.path, path));
  const depth = path === '' ? 0 : Math.min(3, path.split('.').length);
  const kind = `${isFrame ? `frame depth${depth}` : 'leaf'}${state.isRegion ? ' region' : ''}`;
  const isPicked = useComputed(() => isSame(picked.value, own));
  const className = useComputed(
    () =>
      `state ${kind}${(actors?.value ?? 0) > 0 && path !== '' ? ' live' : ''}${isPicked.value ? ' picked' : ''}`,
  );
  const label = useComputed(() => {
    const count = actors?.value ?? 0;
    const name = `state ${nameOf(lit.drawing.chart, path)}`;
    if (isOne.value) return count > 0 ? `${name}: the actor is here` : name;
    return `${name}: ${numberText(count)} ${count === 1 ? 'actor' : 'actors'}`;
  });
  return (
    <g class={className} data-box={path}>
      <rect class="box" x={x} y={y} width={width} height={height} rx={9} />
      {state.kind === 'final' && (
        <rect class="inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={6} />
      )}
      <Initial state={state} />
      {state.blocks.map((block, nth) => (
        <Block key={nth} block={block} lit={lit} />
      ))}
      <Badge state={state} actors={actors} isOne={isOne} />
      <Hit box={state} radius={9} label={label} isPicked={isPicked} isFirst={path === ''} />
    </g>
  );
}

function Initial({ state: { initial } }: { readonly state: DrawnState }) {
  const [start, next] = initial ?? [];
  if (initial === undefined || start === undefined || next === undefined) return null;
  const [dx, dy] = [Math.sign(next[0] - start[0]) * 5, Math.sign(next[1] - start[1]) * 5];
  return (
    <>
      <circle class="solid" cx={start[0] - dx} cy={start[1] - dy} r={5} />
      <path class="line" d={linePath(initial, true)} />
      <path class="solid" d={headPath(initial)} />
    </>
  );
}

interface BadgeProps {
  readonly state: DrawnState;
  readonly actors: Signal<number> | undefined;
  readonly isOne: Signal<boolean>;
}

/** How many are here, on the upper border of the box: a sign besides the colour. */
function Badge({ state: { x, y, width, path }, actors, isOne }: BadgeProps) {
  const text = useComputed(() => (isOne.value ? 'here' : countText(actors?.value ?? 0)));
  const display = useComputed(() => ((actors?.value ?? 0) > 0 && path !== '' ? 'inline' : 'none'));
  const wide = useComputed(() => 14 + 7 * text.value.length);
  const left = useComputed(() => x + width - 10 - wide.value);
  const middle = useComputed(() => left.value + wide.value / 2);
  return (
    <g class="badge" display={display}>
      <rect x={left} y={y - 9} width={wide} height={18} rx={9} />
      <text x={middle} y={y + 4} text-anchor="middle" data-fact="actors">
        {text}
      </text>
    </g>
  );
}

/** The tab key enters and leaves a drawing; inside, arrows go from one thing to the next. */
function walk(event: KeyboardEvent): void {
  const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const by = steps[event.key];
  if (by === undefined || !(event.currentTarget instanceof SVGElement)) return;
  const all = [...event.currentTarget.querySelectorAll<SVGElement>('[role="button"]')];
  const at = document.activeElement instanceof SVGElement ? all.indexOf(document.activeElement) : -1;
  const next = all[(at + by + all.length) % all.length];
  event.preventDefault();
  next?.focus();
}

/** Where the tab key comes back to. */
function remember(event: FocusEvent): void {
  if (!(event.currentTarget instanceof SVGElement) || !(event.target instanceof SVGElement)) return;
  for (const element of event.currentTarget.querySelectorAll('[role="button"][tabindex="0"]'))
    element.setAttribute('tabindex', '-1');
  event.target.setAttribute('tabindex', '0');
}
