// Which sentences stand at the foot of the map.

import type { Said } from '@odradek/trace';

const most = 4;

export interface Latest {
  readonly said: Said;
  /** So many more of its kind were said at the same moment. */
  readonly more: number;
}

/**
 * Newest first: what was done to the cluster, what was decided, and what went wrong. What others do because of it is left to the story. What is
 * decided of many partitions at once takes one line, or the reason for it would not be among the few that are shown.
 */
export function latestOf(story: readonly Said[]): Latest[] {
  const shown = new Map<string, Latest>();
  for (let at = story.length - 1; at >= 0; at--) {
    const said = story[at];
    if (said === undefined || !isDecisive(said)) continue;
    const key = `${said.timeMs} ${said.actor} ${said.event}`;
    const more = (shown.get(key)?.more ?? -1) + 1;
    if (more === 0 && shown.size === most) break;
    shown.set(key, { said, more });
  }
  return [...shown.values()];
}

function isDecisive({ actor, level }: Said): boolean {
  return level === 'error' || actor === 'world' || actor === 'this page' || actor.endsWith('/controller');
}
