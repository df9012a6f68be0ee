// What was said last, at the foot of the map and always in sight: whoever breaks something reads here what came of it, and why.

import type { Said } from '@odradek/trace';
import { useMemo } from 'preact/hooks';
import { addressOf } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { isSceneGoing } from '../scenes/open-scene.ts';
import { subjectOf } from '../story/place-of.ts';
import { timeText } from '../story/time-text.ts';

const most = 4;

export function Latest() {
  const console = useConsole();
  const { story, sentences } = console.view.value.world;
  const shown = useMemo(() => latestOf(story), [story, sentences]);
  // A scene tells it in its own words.
  if (shown.length === 0 || isSceneGoing(console)) return null;
  return (
    <section class="latest" aria-label="What was said last">
      <h2>
        <a href={addressOf('story')}>Story</a>
      </h2>
      <ol>
        {shown.map((said) => (
          <li key={`${said.timeMs} ${said.actor} ${said.text}`} class={said.level}>
            <span class="mono faint">{timeText(said.timeMs)}</span>
            <span class="faint">{subjectOf(said)}</span>
            <span title={said.text}>{said.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Newest first: what was done to the cluster, what was decided, and what went wrong. What others do because of it is left to the story. */
function latestOf(story: readonly Said[]): Said[] {
  const shown: Said[] = [];
  for (let at = story.length - 1; at >= 0 && shown.length < most; at--) {
    const said = story[at];
    if (said !== undefined && isDecisive(said)) shown.push(said);
  }
  return shown;
}

function isDecisive({ actor, level }: Said): boolean {
  return level === 'error' || actor === 'world' || actor.endsWith('/controller');
}
