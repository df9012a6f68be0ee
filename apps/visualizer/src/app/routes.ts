// Which view is shown: the part of the address after `#`, so that any server of files will do and the back button works.

import { type ReadonlySignal, signal } from '@preact/signals';

export const viewNames = ['map', 'machines', 'story', 'topics', 'scenes'] as const;
export type ViewName = (typeof viewNames)[number];

export interface Route {
  readonly view: ViewName;
  /** What follows the view in the path: a topic, a machine, a scene. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

/** `#/machines/leader-replica?actor=broker-1/laser-0/replica` */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [first = '', ...rest] = path.split('/').map(decodeURIComponent);
  const view = viewNames.find((name) => name === first) ?? 'map';
  return { view, rest: rest.filter((part) => part !== ''), query: new URLSearchParams(query) };
}

/** The address of a view. */
export function addressOf(
  view: ViewName,
  rest: readonly string[] = [],
  query: Readonly<Record<string, string>> = {},
): string {
  const path = [view, ...rest].map(encodeURIComponent).join('/');
  const asked = new URLSearchParams(query).toString();
  return `#/${path}${asked === '' ? '' : `?${asked}`}`;
}

const current = signal(routeOf(location.hash));
addEventListener('hashchange', () => {
  current.value = routeOf(location.hash);
});

export const route: ReadonlySignal<Route> = current;

export function goTo(address: string): void {
  location.hash = address;
}
