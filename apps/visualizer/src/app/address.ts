// The addresses of views: the part of the page's address after `#`, so that any server of files will do and the back button works.

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
  const [first = '', ...rest] = decoded(path.split('/'));
  const view = viewNames.find((name) => name === first) ?? 'map';
  return { view, rest: rest.filter((part) => part !== ''), query: new URLSearchParams(query) };
}

/** Nothing, where what was written is no address. */
function decoded(parts: readonly string[]): string[] {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return [];
  }
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
