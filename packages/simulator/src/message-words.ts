// How schedules name messages: `vote.req 1>2`, `fetchReplicas.resp 2>1 where highWatermark=2`, or in full
// `api=vote kind=answer from=1 to=2 channel=control`. What is not named may be anything.

import { type Channel, type NodeId, type PeerApi, peerMessages } from '@odradek/model';
import type { MessageMatch } from './network-faults.ts';
import { ScheduleError } from './schedule.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Short for the APIs that schedules speak of most. */
const shortNames: Readonly<Record<string, PeerApi>> = { fetch: 'fetchReplicas', alter: 'alterPartitions' };

/** What a few words of a schedule mean. */
export function messageMatch(words: readonly string[], nodeNamed: (word: string) => NodeId): MessageMatch {
  const at = words.indexOf('where');
  const match: Mutable<MessageMatch> = {};
  for (const word of at < 0 ? words : words.slice(0, at)) addTo(match, word, nodeNamed);
  if (at >= 0)
    match.where = words.slice(at + 1).map((word) => {
      const [field = '', value] = word.split('=');
      if (value === undefined) throw new ScheduleError(`"${word}" names no field: where FIELD=VALUE`);
      return { field, value };
    });
  return match;
}

function addTo(match: Mutable<MessageMatch>, word: string, nodeNamed: (word: string) => NodeId): void {
  const [key = '', value = ''] = word.split('=');
  const half = /^(\w+)\.(req|resp)$/.exec(word);
  const way = /^([^>=]+)>([^>=]+)$/.exec(word);
  if (half !== null) {
    match.api = apiNamed(half[1] ?? '');
    match.kind = half[2] === 'req' ? 'request' : 'answer';
  } else if (way !== null) {
    match.from = nodeNamed(way[1] ?? '');
    match.to = nodeNamed(way[2] ?? '');
  } else if (key === 'from' || key === 'to') match[key] = nodeNamed(value);
  else if (key === 'api') match.api = apiNamed(value);
  else if (key === 'kind' && (value === 'request' || value === 'answer')) match.kind = value;
  else if (key === 'channel' && isChannel(value)) match.channel = value;
  else
    throw new ScheduleError(
      `"${word}" names no message: API.req, API.resp, FROM>TO, api=, kind=request|answer, channel=control|data, from=, to=, where FIELD=VALUE`,
    );
}

function apiNamed(word: string): PeerApi {
  const api = shortNames[word] ?? word;
  if (!isPeerApi(api))
    throw new ScheduleError(
      `"${word}" is no API between nodes. Known: ${Object.keys(peerMessages).join(', ')}`,
    );
  return api;
}

function isPeerApi(word: string): word is PeerApi {
  return Object.hasOwn(peerMessages, word);
}

function isChannel(word: string): word is Channel {
  return word === 'control' || word === 'data';
}
