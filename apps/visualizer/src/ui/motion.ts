// Whether things may move: as the system has it.

import { type ReadonlySignal, signal } from '@preact/signals';

const query = matchMedia('(prefers-reduced-motion: reduce)');
const allowed = signal(!query.matches);
query.addEventListener('change', () => {
  allowed.value = !query.matches;
});

export const isMotionAllowed: ReadonlySignal<boolean> = allowed;
