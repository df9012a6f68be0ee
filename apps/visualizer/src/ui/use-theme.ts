// A value that changes when colours do: for what is painted rather than styled.

import { signal } from '@preact/signals';
import { theme } from '../app/theme.ts';

const query = matchMedia('(prefers-color-scheme: dark)');
const isDark = signal(query.matches);
query.addEventListener('change', () => {
  isDark.value = query.matches;
});

export function useTheme(): string {
  return `${theme.value} ${isDark.value}`;
}
