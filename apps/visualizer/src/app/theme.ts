// Dark or light: as the system has it, or as it was chosen here.

import { type ReadonlySignal, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const themes: readonly Theme[] = ['system', 'light', 'dark'];
const key = 'odradek.theme';

const chosen = signal<Theme>(remembered());
export const theme: ReadonlySignal<Theme> = chosen;
show(chosen.value);

/** The next of the three. */
export function changeTheme(): void {
  chosen.value = themes[(themes.indexOf(chosen.value) + 1) % themes.length] ?? 'system';
  show(chosen.value);
  try {
    localStorage.setItem(key, chosen.value);
  } catch {
    // A browser that keeps nothing for this page keeps no theme either.
  }
}

function show(name: Theme): void {
  if (name === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}

function remembered(): Theme {
  try {
    return themes.find((name) => name === localStorage.getItem(key)) ?? 'system';
  } catch {
    return 'system';
  }
}
