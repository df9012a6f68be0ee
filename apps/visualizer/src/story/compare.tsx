// Two moments beside each other: what was different.

import { useConsole } from '../app/the-console.ts';
import { Scroll } from '../ui/scroll.tsx';
import { differencesOf } from './differences.ts';
import { timeText } from './time-text.ts';

const most = 200;

export function Compare() {
  const console = useConsole();
  const { world, other, position, timeMs } = console.view.value;
  if (other === undefined) return null;
  const isOtherFirst = other.position <= position;
  const [before, after] = isOtherFirst ? [other.world, world] : [world, other.world];
  const differences = differencesOf(before, after);
  return (
    <section class="card compare" aria-label="Two moments compared">
      <div class="title">
        <h2>
          {timeText(isOtherFirst ? other.world.timeMs : timeMs)} and{' '}
          {timeText(isOtherFirst ? timeMs : other.world.timeMs)}
        </h2>
        <button type="button" onClick={() => console.compareWith(null)}>
          Stop comparing
        </button>
      </div>
      {differences.length === 0 ? (
        <p data-fact="differences">
          {other.position === position
            ? 'Go to another moment, by the bar of time below or the time of a sentence: what is different then is shown here.'
            : 'Nothing is different.'}
        </p>
      ) : (
        <Scroll label="What is different">
          <table data-fact="differences">
            <thead>
              <tr>
                <th scope="col">what</th>
                <th scope="col">earlier</th>
                <th scope="col">later</th>
              </tr>
            </thead>
            <tbody>
              {differences.slice(0, most).map(({ what, before: was, after: is }) => (
                <tr key={what}>
                  <th scope="row">{what}</th>
                  <td>{was}</td>
                  <td>{is}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {differences.length > most && <p class="soft">and {differences.length - most} more</p>}
    </section>
  );
}
