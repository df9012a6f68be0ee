// The arrows of a drawing: their lines, and the labels at them.

import { anywherePath, type DrawnArrow, headPath, isInside, linePath, numberText } from '@odradek/trace';
import { type ReadonlySignal, type Signal, useComputed } from '@preact/signals';
import { countText } from './activity.ts';
import { Block } from './block.tsx';
import { Hit } from './hit.tsx';
import { edgesOf, type LitChart } from './lit-chart.ts';
import { isSame, nameOf, type Picked } from './picked.ts';

export interface ArrowProps {
  readonly lit: LitChart;
  readonly arrow: DrawnArrow;
  readonly at: number;
  readonly picked: Signal<Picked | undefined>;
}

function pickedOf({ source, target }: DrawnArrow): Picked {
  return { kind: 'arrow', source, target };
}

function useArrowClass({ lit, arrow, at, picked }: ArrowProps, kind: string): ReadonlySignal<string> {
  const own = pickedOf(arrow);
  const glow = lit.arrows[at];
  return useComputed(() => {
    const { heat = 0, isFresh = false } = glow?.value ?? {};
    return `${kind} heat${heat}${isFresh ? ' fresh' : ''}${isSame(picked.value, own) ? ' picked' : ''}`;
  });
}

/** The line is as thick as it was taken often; beside it lies an unseen one, wide enough to be hit. */
export function ArrowLine(props: ArrowProps) {
  const { arrow } = props;
  const className = useArrowClass(props, 'arrow');
  const last = arrow.lines.at(-1) ?? [];
  const path = arrow.lines.map((line) => linePath(line, line === last)).join('');
  return (
    <g class={className} data-source={arrow.source} data-target={arrow.target}>
      <path class="reach" d={path} />
      <path class="line" d={path} />
      <path class="solid" d={headPath(last)} />
    </g>
  );
}

export function ArrowLabel(props: ArrowProps) {
  const { lit, arrow, picked } = props;
  const { source, target, label } = arrow;
  const { chart } = lit.drawing;
  const className = useArrowClass(props, 'label');
  const own = pickedOf(arrow);
  const isPicked = useComputed(() => isSame(picked.value, own));
  const edges = edgesOf(lit.drawing, arrow);
  const name = useComputed(() => {
    const taken = edges.reduce((sum, index) => sum + (lit.taken.value[index] ?? 0), 0);
    const words = label.blocks.map(({ runs }) => runs.map(({ text }) => text).join(' ')).join(', ');
    return `from ${nameOf(chart, source)} to ${nameOf(chart, target)}: ${words}; taken ${numberText(taken)} times`;
  });
  return (
    <g class={className} data-source={source} data-target={target}>
      <rect class="paper" x={label.x} y={label.y} width={label.width} height={label.height} rx={5} />
      {isInside(target, source) && <path class="mark" d={anywherePath(label)} />}
      {label.blocks.map((block, nth) => (
        <Block key={nth} block={block} lit={lit} />
      ))}
      <HowOften lit={lit} edges={edges} x={label.x + label.width - 3} y={label.y + label.height + 10} />
      <Hit box={label} radius={5} label={name} isPicked={isPicked} />
    </g>
  );
}

interface HowOftenProps {
  readonly lit: LitChart;
  readonly edges: readonly number[];
  readonly x: number;
  readonly y: number;
}

/** Seen when one asks what never happened. */
function HowOften({ lit, edges, x, y }: HowOftenProps) {
  const text = useComputed(() => {
    const taken = edges.reduce((sum, index) => sum + (lit.taken.value[index] ?? 0), 0);
    return taken === 0 ? 'never' : `${countText(taken)} ×`;
  });
  return (
    <text class="how-often" x={x} y={y} text-anchor="end">
      {text}
    </text>
  );
}
