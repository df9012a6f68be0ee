// Who may ask over HTTP and WebSocket. A page of another site must not reach a broker through somebody's browser: neither by a
// name that it has bound to our address (Host), nor across sites (Origin) (X10).

import { isIP } from 'node:net';

export interface HttpPolicy {
  /** Names besides localhost under which the node is reached: those of `advertised.listeners`. */
  readonly advertisedNames: readonly string[];
  /** `odradek.allowed.origins`, as browsers write them: `https://console.example`. */
  readonly allowedOrigins: readonly string[];
  /** Whether a page was served by another node of the cluster, which may have died since. */
  readonly isNodeOfCluster?: (host: string, port: number) => boolean;
  /** Paths at which something is changed, by POST. All others are only looked at. */
  readonly changingPaths: readonly string[];
}

/** A request, as far as it is looked at. */
export interface HttpHead {
  readonly method: string | undefined;
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly contentType: string | undefined;
}

/** Why a request is refused, with the text that says what is allowed. */
export interface HttpRefusal {
  readonly status: number;
  readonly text: string;
  /** The methods that are allowed, where it is the method that is not. */
  readonly allow?: string;
}

/** What speaks against a request; undefined: nothing. */
export function httpRefusal(head: HttpHead, policy: HttpPolicy): HttpRefusal | undefined {
  return hostRefusal(head, policy) ?? originRefusal(head, policy) ?? methodRefusal(head, policy);
}

function hostRefusal({ host }: HttpHead, policy: HttpPolicy): HttpRefusal | undefined {
  const name = nameOf(host);
  const isAllowed =
    name !== undefined &&
    (isIP(name) !== 0 ||
      name === 'localhost' ||
      policy.advertisedNames.some((own) => own.toLowerCase() === name));
  if (isAllowed) return undefined;
  const allowed = ['an IP address', 'localhost', ...policy.advertisedNames].join(', ');
  return {
    status: 403,
    text: `Host ${shown(host)} is not allowed. Allowed: ${allowed}. Other names go into advertised.listeners.\n`,
  };
}

function originRefusal({ host, origin }: HttpHead, policy: HttpPolicy): HttpRefusal | undefined {
  if (origin === undefined) return undefined;
  const isSameOrigin = host !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`;
  if (isSameOrigin || policy.allowedOrigins.includes(origin) || isOfCluster(origin, policy)) return undefined;
  const allowed = [`http://${host ?? ''}`, ...policy.allowedOrigins].join(', ');
  return {
    status: 403,
    text: `Origin ${shown(origin)} is not allowed. Allowed: ${allowed}. Others go into odradek.allowed.origins.\n`,
  };
}

function isOfCluster(origin: string, { isNodeOfCluster }: HttpPolicy): boolean {
  const address = origin.startsWith('http://') ? splitHost(origin.slice('http://'.length)) : undefined;
  return address !== undefined && isNodeOfCluster?.(address.name, address.port) === true;
}

/** What changes state needs a content type that a page cannot send across sites without asking first: by OPTIONS, which changes nothing. */
function methodRefusal(
  { method, path, contentType, origin }: HttpHead,
  { changingPaths }: HttpPolicy,
): HttpRefusal | undefined {
  const isChanging = changingPaths.includes(path);
  const allowed = isChanging ? ['POST', 'OPTIONS'] : ['GET', 'HEAD'];
  const isPreflight = method === 'OPTIONS' && origin !== undefined;
  if (!allowed.includes(method ?? '') || (method === 'OPTIONS' && !isPreflight)) {
    const allow = allowed.join(', ');
    const text = `Method ${shown(method)} is not allowed at ${shown(path)}. Allowed: ${allow}.\n`;
    return { status: 405, text, allow };
  }
  if (!isChanging || isPreflight) return undefined;
  if (contentType?.split(';')[0]?.trim().toLowerCase() === 'application/json') return undefined;
  return {
    status: 415,
    text: `Content type ${shown(contentType)} is not allowed. Allowed: application/json.\n`,
  };
}

/** A Host header split as RFC 9110 writes it: `[::1]:9092`, `localhost:9092`. Undefined when it is none. */
export function splitHost(
  host: string | undefined,
): { readonly name: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(host ?? '');
  const name = match?.[1] ?? match?.[2];
  if (name === undefined) return undefined;
  return { name: name.toLowerCase(), port: Number(match?.[3] ?? 80) };
}

function nameOf(host: string | undefined): string | undefined {
  return splitHost(host)?.name;
}

/** What a stranger wrote, as our text shows it: short and without control characters. */
function shown(value: string | undefined): string {
  return value === undefined ? '(none)' : JSON.stringify(value.slice(0, 100));
}
