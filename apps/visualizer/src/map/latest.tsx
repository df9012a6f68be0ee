// What was said last, below the map: whoever breaks something reads here what came of it.

import { addressOf } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { subjectOf } from '../story/place-of.ts';
import { timeText } from '../story/time-text.ts';

const most = 5;

export function Latest() {
  const { story } = useConsole().view.value.world;
  if (story.length === 0) return null;
  return (
    <section class="latest" aria-label="What was said last">
      <h2>
        <a href={addressOf('story')}>Story</a>
      </h2>
      <ol>
        {story
          .slice(-most)
          .reverse()
          .map((said) => (
            <li key={`${said.timeMs} ${said.actor} ${said.text}`} class={said.level}>
              <span class="mono faint">{timeText(said.timeMs)}</span>
              <span class="faint">{subjectOf(said)}</span>
              <span>{said.text}</span>
            </li>
          ))}
      </ol>
    </section>
  );
}
