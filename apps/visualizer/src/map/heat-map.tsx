// Many partitions on a canvas: lines of partitions, columns of brokers. A part of it is opened below.

import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useTheme } from '../ui/use-theme.ts';
import type { Column } from './columns.ts';
import { type Heat, type HeatMap, heatMapOf, heats } from './heat.ts';
import { conditions, conditionWords, type Row } from './rows.ts';

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
        The darker, the more of it the broker leads. In two pieces: out of sync. Crossed: offline.
      </figcaption>
    </figure>
  );
}

/** Leads to what needs a look most. */
function Worst({ rows, opened, onLook }: Pick<HeatMapViewProps, 'rows' | 'opened' | 'onLook'>) {
  const index = useMemo(() => indexOfWorst(rows), [rows]);
  const worst = rows[index];
  if (worst === undefined || worst.condition === 'whole') return null;
  return (
    <button type="button" onClick={() => onLook(clamp(index - 1, rows.length - opened))}>
      Open {worst.name}: {conditionWords[worst.condition]}
    </button>
  );
}

function indexOfWorst(rows: readonly Row[]): number {
  const condition = conditions.find((one) => rows.some((row) => row.condition === one));
  return rows.findIndex((row) => row.condition === condition);
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
  // Computed: `rgb(1, 2, 3) rgb(4, 5, 6)`.
  const computed = style.getPropertyValue('--heats').split(/(?<=\)) /);
  const colours: Colours = new Map(heats.slice(1).map((heat, index) => [heat, computed[index] ?? '']));
  const columnWidth = width / columns.length;
  context.font = `11px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textAlign = 'center';
  for (const [index, { id }] of columns.entries())
    context.fillText(String(id), (index + 0.5) * columnWidth, labelHeight - 6);
  // What needs a look comes last, over what lies around it.
  for (const isSerious of [false, true])
    for (let at = 0; at < map.cells.length; at++) {
      const heat = heats[map.cells[at] ?? 0] ?? 'nothing';
      if (heat === 'nothing' || (heat === 'behind' || heat === 'offline') !== isSerious) continue;
      const line = Math.floor(at / columns.length);
      const box = {
        x: (at % columns.length) * columnWidth,
        y: labelHeight + line * (height / map.lines),
        width: columnWidth - 2,
        height: height / map.lines,
      };
      mark(context, heat, (map.leads[at] ?? 0) / 255, colours, box);
    }
}

type Colours = ReadonlyMap<Heat, string>;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** So high at least: one line among hundreds would not be seen. */
const leastSerious = 5;

/** The more it leads, the darker. What needs a look differs by shape too: two thirds for what is behind, a cross for what is offline. */
function mark(
  context: CanvasRenderingContext2D,
  heat: Heat,
  leads: number,
  colours: Colours,
  box: Box,
): void {
  const colour = (name: Heat): string => colours.get(name) ?? '';
  context.fillStyle = colour('follows');
  context.fillRect(box.x, box.y, box.width, Math.max(1, box.height));
  context.globalAlpha = leads;
  context.fillStyle = colour('leads');
  context.fillRect(box.x, box.y, box.width, Math.max(1, box.height));
  context.globalAlpha = 1;
  if (heat !== 'behind' && heat !== 'offline') return;
  const middle = box.y + box.height / 2;
  const tall = Math.max(leastSerious, box.height);
  if (heat === 'behind') {
    context.fillStyle = colour('behind');
    for (const nth of [0, 2])
      context.fillRect(box.x + (nth * box.width) / 3, middle - tall / 2, box.width / 3, tall);
    return;
  }
  const [centre, arm] = [box.x + box.width / 2, Math.max(4, tall / 2)];
  context.strokeStyle = colour('offline');
  context.lineWidth = 2.5;
  context.beginPath();
  for (const way of [1, -1]) {
    context.moveTo(centre - arm, middle - arm * way);
    context.lineTo(centre + arm, middle + arm * way);
  }
  context.stroke();
}
