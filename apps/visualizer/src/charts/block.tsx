// Lines of text in a drawing.

import { againPath, rulePaddingPx, type TextBlock, type TextRun, widthOf } from '@odradek/trace';
import { useComputed } from '@preact/signals';
import type { LitChart } from './lit-chart.ts';

export interface BlockProps {
  readonly block: TextBlock;
  readonly lit: LitChart;
}

/** Lit while the transition that it is about has just been taken; crossed while its guard has just said no; marked if it never was. */
export function Block({ block, lit }: BlockProps) {
  const glow = block.edge === undefined ? undefined : lit.edges[block.edge];
  const saidNo = block.edge === undefined ? undefined : lit.saidNo[block.edge];
  const className = useComputed(() => {
    if (glow === undefined) return 'block';
    const { isFresh, heat } = glow.value;
    return `block${isFresh ? ' fresh' : ''}${heat === 0 ? ' never' : ''}${saidNo?.value === true ? ' said-no' : ''}`;
  });
  return (
    <g class={className}>
      {glow !== undefined && (
        <rect class="bar" x={block.x - 6} y={block.y + 2} width={3} height={block.height - 4} rx={1.5} />
      )}
      {glow !== undefined && (
        <text class="no" x={block.x - 8} y={block.y + 11}>
          ✕
        </text>
      )}
      {block.stays === 'again' && <path class="mark" d={againPath(block)} />}
      {block.runs.map((run, nth) => (
        <Run key={nth} run={run} />
      ))}
    </g>
  );
}

function Run({ run: { x, y, style, text } }: { readonly run: TextRun }) {
  if (style !== 'rule')
    return (
      <text class={style} x={x} y={y}>
        {text}
      </text>
    );
  return (
    <>
      <rect class="frame-of-rule" x={x} y={y - 10} width={widthOf(text, 'rule')} height={13} rx={3} />
      <text class="rule" x={x + rulePaddingPx} y={y}>
        {text}
      </text>
    </>
  );
}
