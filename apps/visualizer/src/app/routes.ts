// Which view is shown.

import { type ReadonlySignal, signal } from '@preact/signals';
import { type Route, routeOf } from './address.ts';

export { addressOf, type Route, routeOf, type ViewName, viewNames } from './address.ts';

const current = signal(routeOf(location.hash));
addEventListener('hashchange', () => {
  current.value = routeOf(location.hash);
});

export const route: ReadonlySignal<Route> = current;

export function goTo(address: string): void {
  location.hash = address;
}
