// A window onto something larger: fitted to the width at first, or as small as can be read, at what is to be looked at; scrolled as
// everything is (wheel, touch, keys), dragged, and enlarged by buttons, by + and −, by two fingers, or by the wheel with ctrl.

import type { Box } from '@odradek/trace';
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useSize } from '../ui/use-size.ts';

export interface ZoomPaneProps {
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly children: ComponentChildren;
  readonly tools: ComponentChildren;
  /** What is said about what is seen: below it, or over it when it takes the whole window. */
  readonly aside: ComponentChildren;
  /** What is looked at; when its name changes, what it gives is brought into sight. */
  readonly subject: string;
  readonly placeOfSubject: () => Box | undefined;
}

const smallest = 0.15;
/** What would be smaller than the first when it fits is opened at the second. */
const bearable = 0.55;
const readable = 0.7;
const largest = 3;
const step = 1.25;

export function ZoomPane(props: ZoomPaneProps) {
  const { width, height, label, children, tools, aside } = props;
  const [measure, size] = useSize();
  const pane = useRef<HTMLElement | null>(null);
  const [chosen, choose] = useState<number | 'fit' | undefined>();
  const [isLarge, setLarge] = useState(false);
  const fitting = Math.min(1, Math.max(smallest, size.width / width || 1));
  const opening = fitting < bearable ? readable : fitting;
  const scale = chosen === 'fit' ? fitting : (chosen ?? opening);
  const zoom = useZoom(pane, scale, choose);
  useSubject(pane, props, size.width > 0, scale);
  const ref = useCallback(
    (element: HTMLElement | null): void => {
      pane.current = element;
      measure(element);
    },
    [measure],
  );
  useGestures(pane, zoom);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '+' || event.key === '=') zoom(step);
    else if (event.key === '-') zoom(1 / step);
    else if (event.key === '0') choose('fit');
    else return;
    event.preventDefault();
  };
  useEscape(isLarge, () => setLarge(false));
  return (
    <div class={isLarge ? 'zoom-pane large' : 'zoom-pane'}>
      <div class="toolbar">
        {tools}
        <span class="zooms">
          <button type="button" onClick={() => zoom(1 / step)} aria-label="Smaller" title="Smaller (−)">
            −
          </button>
          <button type="button" onClick={() => choose('fit')} title="Fit to the width (0)">
            Fit
          </button>
          <button type="button" onClick={() => zoom(step)} aria-label="Larger" title="Larger (+)">
            +
          </button>
          <button type="button" aria-pressed={isLarge} onClick={() => setLarge(!isLarge)}>
            Whole window
          </button>
          <span class="faint small" data-fact="scale">
            {Math.round(scale * 100)} %
          </span>
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys. */}
      <section class="view" ref={ref} aria-label={label} tabIndex={0} data-scrolls onKeyDown={onKeyDown}>
        <div class="sheet" style={{ width: `${width * scale}px`, height: `${height * scale}px` }}>
          {children}
        </div>
      </section>
      <div class="aside">{aside}</div>
    </div>
  );
}

/** Brings the subject to the middle, unless it is in sight. */
function useSubject(
  pane: Pane,
  { subject, placeOfSubject }: Pick<ZoomPaneProps, 'subject' | 'placeOfSubject'>,
  isMeasured: boolean,
  scale: number,
): void {
  const latest = useRef({ placeOfSubject, scale });
  latest.current = { placeOfSubject, scale };
  // Once the drawing around it has been given its lights: they say where the subject is.
  useEffect(() => {
    const element = pane.current;
    const place = latest.current.placeOfSubject();
    if (element === null || !isMeasured || place === undefined) return;
    const [x, y, width, height] = [place.x, place.y, place.width, place.height].map(
      (length) => length * latest.current.scale,
    ) as [number, number, number, number];
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = element;
    const isSeen = (from: number, length: number, start: number, room: number): boolean =>
      from >= start && from + length <= start + room;
    if (!isSeen(x, width, scrollLeft, clientWidth)) element.scrollLeft = x + width / 2 - clientWidth / 2;
    if (!isSeen(y, height, scrollTop, clientHeight)) element.scrollTop = y + height / 2 - clientHeight / 2;
  }, [pane, subject, isMeasured]);
}

function useEscape(isOn: boolean, then: () => void): void {
  const latest = useRef(then);
  latest.current = then;
  useEffect(() => {
    if (!isOn) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') latest.current();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [isOn]);
}

type Pane = { readonly current: HTMLElement | null };
/** Enlarges by a factor, around a point of the pane: what lies there stays there. */
type Zoom = (factor: number, x?: number, y?: number) => void;

function useZoom(pane: Pane, scale: number, choose: (scale: number) => void): Zoom {
  const around = useRef<{ readonly x: number; readonly y: number; readonly from: number } | undefined>(
    undefined,
  );
  useLayoutEffect(() => {
    const element = pane.current;
    if (element === null || around.current === undefined) return;
    const { x, y, from } = around.current;
    around.current = undefined;
    element.scrollLeft = ((element.scrollLeft + x) * scale) / from - x;
    element.scrollTop = ((element.scrollTop + y) * scale) / from - y;
  }, [pane, scale]);
  return (factor, x, y) => {
    const element = pane.current;
    const next = Math.min(largest, Math.max(smallest, scale * factor));
    around.current = {
      x: x ?? (element?.clientWidth ?? 0) / 2,
      y: y ?? (element?.clientHeight ?? 0) / 2,
      from: scale,
    };
    choose(next);
  };
}

/** Dragging with the mouse, two fingers, and the wheel with ctrl (so do touch pads tell of two fingers). */
function useGestures(pane: Pane, zoom: Zoom): void {
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const element = pane.current;
    if (element === null) return;
    const place = (event: MouseEvent): [number, number] => {
      const { left, top } = element.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      latest.current(Math.exp(-event.deltaY / 300), ...place(event));
    };
    const drag = draggingOf(element);
    const pinch = pinchingOf((factor, event) => latest.current(factor, ...place(event)));
    element.addEventListener('wheel', onWheel, { passive: false });
    for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'] as const) {
      element.addEventListener(type, drag);
      element.addEventListener(type, pinch);
    }
    return () => {
      element.removeEventListener('wheel', onWheel);
      for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'] as const) {
        element.removeEventListener(type, drag);
        element.removeEventListener(type, pinch);
      }
    };
  }, [pane]);
}

/** From so far on a movement is meant as one, and is no click. */
const dragPx = 4;

function draggingOf(element: HTMLElement): (event: PointerEvent) => void {
  let from:
    | { readonly x: number; readonly y: number; readonly left: number; readonly top: number }
    | undefined;
  return (event) => {
    if (event.pointerType !== 'mouse') return;
    const { clientX: x, clientY: y } = event;
    if (event.type === 'pointerdown' && event.button === 0)
      from = { x, y, left: element.scrollLeft, top: element.scrollTop };
    else if (event.type === 'pointermove' && from !== undefined) {
      const isDragging = element.hasPointerCapture(event.pointerId);
      if (!isDragging && Math.hypot(x - from.x, y - from.y) < dragPx) return;
      // From now on the pointer is the pane's: what lies below is not clicked when it is let go.
      if (!isDragging) element.setPointerCapture(event.pointerId);
      element.scrollLeft = from.left + from.x - x;
      element.scrollTop = from.top + from.y - y;
    } else from = undefined;
  };
}

function pinchingOf(zoom: (factor: number, event: PointerEvent) => void): (event: PointerEvent) => void {
  const fingers = new Map<number, PointerEvent>();
  return (event) => {
    if (event.pointerType !== 'touch') return;
    if (event.type === 'pointerdown') fingers.set(event.pointerId, event);
    else if (event.type === 'pointermove') {
      const before = spread(fingers);
      if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event);
      const after = spread(fingers);
      if (before > 0 && after > 0) zoom(after / before, event);
    } else fingers.delete(event.pointerId);
  };
}

/** How far two fingers are apart; zero unless there are two. */
function spread(fingers: ReadonlyMap<number, PointerEvent>): number {
  const [one, other] = [...fingers.values()];
  if (one === undefined || other === undefined || fingers.size > 2) return 0;
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}
