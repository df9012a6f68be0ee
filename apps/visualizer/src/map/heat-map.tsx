// Many partitions on a canvas: lines of partitions, columns of brokers. A part of it is opened below.

import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useTheme } from '../ui/use-theme.ts';
import type { Column } from './columns.ts';
import { type Heat, type HeatMap, heatMapOf, heats } from './heat.ts';
import { conditionWords, type Row } from './rows.ts';

const height = 240;
const labelHeight = 18;

export interface HeatMapViewProps {
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  /** The first row that is opened below, and how many. */
  readonly first: number;
  readonly opened: number;
  readonly width: number;
  readonly onLook: (first: number) => void;
}

export function HeatMapView({ rows, columns, first, opened, width, onLook }: HeatMapViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useMemo(() => heatMapOf(rows, columns, height), [rows, columns.map(({ id }) => id).join()]);
  const theme = useTheme();
  useEffect(() => {
    if (canvas.current !== null) paint(canvas.current, map, columns, width);
  }, [map, width, theme]);
  const lookAt = (event: PointerEvent): void => {
    if (event.buttons === 0 && event.type !== 'pointerdown') return;
    if (!(event.currentTarget instanceof HTMLElement)) return;
    const { top } = event.currentTarget.getBoundingClientRect();
    const line = Math.floor(((event.clientY - top - labelHeight) / height) * map.lines);
    onLook(clamp(line * map.rowsPerLine - Math.floor(opened / 2), rows.length - opened));
  };
  const last = Math.min(first + opened, rows.length) - 1;
  const words = `${rows[first]?.name ?? ''} to ${rows[last]?.name ?? ''}`;
  return (
    <figure class="heat">
      <div class="field" onPointerDown={lookAt} onPointerMove={lookAt}>
        <canvas
          ref={canvas}
          class="heat-canvas"
          style={{ width: `${width}px`, height: `${height + labelHeight}px` }}
        />
        <span
          class="window"
          style={{
            top: `${labelHeight + (first / rows.length) * height}px`,
            height: `${Math.max(3, (opened / rows.length) * height)}px`,
          }}
        />
      </div>
      <label class="look">
        <span>
          Opened below: <b>{words}</b> <span class="faint">(each line is {map.rowsPerLine} partitions)</span>
        </span>
        <input
          type="range"
          min={0}
          max={Math.max(0, rows.length - opened)}
          step={1}
          value={first}
          aria-valuetext={words}
          onInput={(event) => onLook(Number(event.currentTarget.value))}
        />
      </label>
      <Worst rows={rows} opened={opened} onLook={onLook} />
      <figcaption class="faint small">
        Dark: leads. Light: follows in sync. Striped: out of sync. Crossed: offline.
      </figcaption>
    </figure>
  );
}

/** Leads to what needs a look: the first partition that is not whole. */
function Worst({ rows, opened, onLook }: Pick<HeatMapViewProps, 'rows' | 'opened' | 'onLook'>) {
  const index = rows.findIndex(({ condition }) => condition !== 'whole');
  const worst = rows[index];
  if (worst === undefined) return null;
  return (
    <button type="button" onClick={() => onLook(clamp(index - 1, rows.length - opened))}>
      Open {worst.name}: {conditionWords[worst.condition]}
    </button>
  );
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

function paint(canvas: HTMLCanvasElement, map: HeatMap, columns: readonly Column[], width: number): void {
  const ratio = devicePixelRatio;
  canvas.width = width * ratio;
  canvas.height = (height + labelHeight) * ratio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const colours = new Map(heats.map((heat) => [heat, style.getPropertyValue(`--heat-${heat}`).trim()]));
  const columnWidth = width / columns.length;
  const lineHeight = height / map.lines;
  context.font = `11px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textAlign = 'center';
  for (const [index, { id }] of columns.entries())
    context.fillText(String(id), (index + 0.5) * columnWidth, labelHeight - 6);
  for (let line = 0; line < map.lines; line++)
    for (let column = 0; column < columns.length; column++) {
      const heat = heats[map.cells[line * columns.length + column] ?? 0] ?? 'nothing';
      if (heat === 'nothing') continue;
      const [x, y] = [column * columnWidth, labelHeight + line * lineHeight];
      mark(context, heat, colours.get(heat) ?? '', {
        x,
        y,
        width: columnWidth - 2,
        height: Math.max(1, lineHeight),
      });
    }
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What needs a look differs by shape too: thirds of the line for what is behind, ends of it for what is offline. */
function mark(context: CanvasRenderingContext2D, heat: Heat, colour: string, box: Box): void {
  context.fillStyle = colour;
  const third = box.width / 3;
  if (heat === 'behind')
    for (const nth of [0, 2]) context.fillRect(box.x + nth * third, box.y, third, box.height);
  else if (heat === 'offline') context.fillRect(box.x + third * 0.5, box.y, third * 2, box.height);
  else context.fillRect(box.x, box.y, box.width, box.height);
}
