// What was said last, at the foot of the map and always in sight: whoever breaks something reads here what came of it, and why.

import { numberText } from '@odradek/trace';
import { useMemo } from 'preact/hooks';
import { addressOf } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { isSceneGoing } from '../scenes/open-scene.ts';
import { subjectOf } from '../story/place-of.ts';
import { timeText } from '../story/time-text.ts';
import { latestOf } from './latest-sentences.ts';

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
        {shown.map(({ said, more }) => (
          <li key={`${said.sinceMs ?? said.timeMs} ${said.actor} ${said.text}`} class={said.level}>
            <span class="mono faint">{timeText(said.timeMs)}</span>
            <span class="faint">{subjectOf(said)}</span>
            <span title={said.text}>
              {said.text}
              {said.times !== undefined && <span class="faint"> {numberText(said.times)} times</span>}
              {more > 0 && <span class="faint"> and {more} more</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
