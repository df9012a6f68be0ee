// Time: pause, step, scrub, play, compare, keep. At the foot of every view.

import type { Said } from '@odradek/trace';
import { useMemo } from 'preact/hooks';
import { goTo, route } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { Icon } from '../ui/icons.tsx';
import { KeepButtons } from './keep.tsx';
import { timeText } from './time-text.ts';

const speeds = [0.1, 0.25, 0.5, 1, 2, 5, 10];

export function TimeBar() {
  const console = useConsole();
  const { start, end, timeMs } = console.view.value;
  if (end === start) return null;
  return (
    <section class="time-bar" aria-label="Time">
      <PlayButtons />
      <Scrubber />
      <div class="row buttons">
        <output class="mono moment" data-fact="moment">
          {timeText(timeMs)}
        </output>
        <NowButton />
        <CompareButton />
        <KeepButtons />
      </div>
    </section>
  );
}

function PlayButtons() {
  const console = useConsole();
  const { value, context } = console.state.value;
  const { position, start, end } = console.view.value;
  const isPaused = value.time === 'paused';
  return (
    <div class="row buttons">
      <button
        type="button"
        onClick={() => console.step(-1)}
        disabled={position <= start}
        title="One event back (←)"
      >
        <Icon name="back" />
        <span class="unseen">One event back</span>
      </button>
      <button
        type="button"
        class="wide"
        onClick={() => (isPaused ? console.play() : console.pause())}
        title={isPaused ? 'Play from here (space)' : 'Pause (space)'}
      >
        <Icon name={isPaused ? 'play' : 'pause'} /> {isPaused ? 'Play' : 'Pause'}
      </button>
      <button
        type="button"
        onClick={() => console.step(1)}
        disabled={position >= end}
        title="One event on (→)"
      >
        <Icon name="on" />
        <span class="unseen">One event on</span>
      </button>
      <label class="speed">
        <span class="unseen">Speed</span>
        <select
          value={String(context.speed)}
          onChange={(event) => console.changeSpeed(Number(event.currentTarget.value))}
        >
          {speeds.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function NowButton() {
  const console = useConsole();
  const { value, context } = console.state.value;
  if (context.kind === 'file') return null;
  const isFollowing = value.time === 'following';
  return (
    <button type="button" aria-pressed={isFollowing} onClick={() => console.follow()} title="Back to now (n)">
      <span aria-hidden="true">{isFollowing ? '●' : '○'}</span> {isFollowing ? 'Now' : 'Back to now'}
    </button>
  );
}

function Scrubber() {
  const console = useConsole();
  const { recording } = console;
  const { position, start, end, timeMs } = console.view.value;
  const firstMs = recording.timeAt(start);
  const lastMs = recording.timeAt(end);
  const spanMs = Math.max(1, lastMs - firstMs);
  const { story, sentences } = recording.now;
  const markedMs = roundedUp(spanMs);
  const marks = useMemo(
    () => <Marks story={story} firstMs={firstMs} spanMs={markedMs} />,
    [story, sentences, firstMs, markedMs],
  );
  return (
    <div class="scrub">
      {marks}
      <input
        type="range"
        aria-label="The moment"
        aria-valuetext={`${timeText(timeMs)}, event ${position - start} of ${end - start}`}
        min={0}
        max={spanMs}
        step="any"
        value={Math.min(spanMs, Math.max(0, timeMs - firstMs))}
        onInput={(event) => {
          const at = Number(event.currentTarget.value);
          console.goTo(at >= spanMs ? end : recording.positionAt(firstMs + at));
        }}
      />
      <span class="faint small mono ends">
        <span>{timeText(firstMs)}</span>
        <span data-fact="position">
          event {position - start} of {end - start}
        </span>
        <span>{timeText(lastMs)}</span>
      </span>
    </div>
  );
}

/** By less than a hundredth: marks that moved a little with every frame would be laid out with every frame. */
function roundedUp(spanMs: number): number {
  const grain = 10 ** Math.floor(Math.log10(spanMs / 100));
  return Math.ceil(spanMs / grain) * grain;
}

const mostMarks = 120;

interface MarksProps {
  readonly story: readonly Said[];
  readonly firstMs: number;
  readonly spanMs: number;
}

/** Where something serious was said. */
function Marks({ story, firstMs, spanMs }: MarksProps) {
  const serious = story.filter(({ level, timeMs }) => level !== 'info' && timeMs >= firstMs);
  return (
    <div class="marks" aria-hidden="true">
      {serious.slice(-mostMarks).map((said) => (
        <span
          key={`${said.timeMs} ${said.text}`}
          class={said.level}
          style={{ left: `${((said.timeMs - firstMs) / spanMs) * 100}%` }}
          title={said.text}
        />
      ))}
    </div>
  );
}

function CompareButton() {
  const console = useConsole();
  const { position, other } = console.view.value;
  const compare = (): void => {
    console.compareWith(position);
    console.pause();
    if (route.value.view !== 'story') goTo('#/story');
  };
  return (
    <button
      type="button"
      aria-pressed={other !== undefined}
      onClick={other === undefined ? compare : () => console.compareWith(null)}
      title="Keep this moment, and see what is different at another one (c)"
    >
      {other === undefined ? 'Compare' : `Compared with ${timeText(other.world.timeMs)}`}
    </button>
  );
}
