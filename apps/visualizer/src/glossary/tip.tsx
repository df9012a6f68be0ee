// The one tip of the page: a sentence beside what is pointed at or focused. Escape sends it away.

import { signal } from '@preact/signals';

interface Tip {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly isAbove: boolean;
}

const shown = signal<Tip | undefined>(undefined);
const widest = 320;

export const tipId = 'tip';

export function showTip(text: string, beside: Element): void {
  const { left, top, bottom } = beside.getBoundingClientRect();
  const isAbove = bottom > innerHeight - 140;
  shown.value = {
    text,
    left: Math.max(8, Math.min(left, innerWidth - widest - 16)),
    top: isAbove ? top - 6 : bottom + 6,
    isAbove,
  };
}

export function hideTip(): void {
  shown.value = undefined;
}

addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') hideTip();
});
addEventListener('scroll', hideTip, { passive: true });

export function Tip() {
  const { value } = shown;
  return (
    <div
      id={tipId}
      role="tooltip"
      class={value?.isAbove === true ? 'tip above' : 'tip'}
      hidden={value === undefined}
      style={{ left: `${value?.left ?? 0}px`, top: `${value?.top ?? 0}px`, maxWidth: `${widest}px` }}
    >
      {value?.text}
    </div>
  );
}
