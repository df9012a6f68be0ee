// What is hit and focused in a drawing: an unseen box above what is seen, with a name for those who do not see.

import type { Box } from '@odradek/trace';
import type { ReadonlySignal, Signal } from '@preact/signals';
import { isSame, type Picked } from './picked.ts';

export interface HitProps {
  readonly box: Box;
  readonly radius: number;
  readonly label: ReadonlySignal<string>;
  readonly isPicked: ReadonlySignal<boolean>;
  /** Where the tab key enters the drawing. */
  readonly isFirst?: boolean;
}

export function Hit({ box: { x, y, width, height }, radius, label, isPicked, isFirst }: HitProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing has no buttons of its own.
    <rect
      class="hit"
      {...{ x, y, width, height }}
      rx={radius}
      role="button"
      tabindex={isFirst === true ? 0 : -1}
      aria-label={label}
      aria-pressed={isPicked}
    />
  );
}

/** Picks what an element belongs to, or lets go of it. */
export function toggle(picked: Signal<Picked | undefined>, target: EventTarget | null): void {
  const hit = target instanceof Element ? pickedAt(target) : undefined;
  if (hit !== undefined) picked.value = isSame(picked.peek(), hit) ? undefined : hit;
}

function pickedAt(element: Element): Picked | undefined {
  const group = element.closest('[data-box], [data-source]');
  if (!(group instanceof SVGElement)) return undefined;
  const { box, source, target } = group.dataset;
  if (box !== undefined) return { kind: 'state', path: box };
  return source === undefined || target === undefined ? undefined : { kind: 'arrow', source, target };
}
