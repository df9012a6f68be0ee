// What may be wider or taller than its place, and scrolls within it: then the keyboard has to get into it, and the arrow keys are its own.

import type { ComponentChildren } from 'preact';

export interface ScrollProps {
  /** What it has, in words. */
  readonly label: string;
  readonly children: ComponentChildren;
}

export function Scroll({ label, children }: ScrollProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys.
    // biome-ignore lint/a11y/useSemanticElements: it is no field set.
    <div class="scroll" role="group" aria-label={label} tabIndex={0} data-scrolls>
      {children}
    </div>
  );
}

/** Whether a key that is pressed there moves what is seen in it. */
export function isScrolled(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('[data-scrolls]');
}
