// What mattered, in sentences. Each leads to its moment and its place.

import type { Said } from '@odradek/trace';
import { useMemo, useState } from 'preact/hooks';
import { NothingYet } from '../app/empty.tsx';
import { useConsole } from '../app/the-console.ts';
import { RuleTags } from '../rules/rule-tag.tsx';
import { Compare } from './compare.tsx';
import { momentOf } from './moment-of.ts';
import { placeOf, subjectOf } from './place-of.ts';
import { timeText } from './time-text.ts';

/** So many are shown; older ones are reached by asking for them. */
const shownAtOnce = 200;

const levels = { info: ['·', 'information'], warn: ['!', 'warning'], error: ['✕', 'error'] } as const;

export function StoryPage() {
  const console = useConsole();
  const { timeMs, isNow } = console.view.value;
  const [sought, setSought] = useState('');
  const [onlySerious, setOnlySerious] = useState(false);
  const [most, setMost] = useState(shownAtOnce);
  // All that is known, also what comes after the moment that is looked at.
  const { story, sentences } = console.recording.now;
  const text = sought.trim().toLowerCase();
  const wanted = useMemo(
    () => story.filter((said) => (!onlySerious || said.level !== 'info') && isAbout(said, text)),
    [story, sentences, onlySerious, text],
  );
  const atMs = isNow ? undefined : timeMs;
  // Hundreds of sentences are not drawn again for each frame that brings none.
  const list = useMemo(() => <Sentences said={wanted.slice(-most)} atMs={atMs} />, [wanted, most, atMs]);
  if (story.length === 0) return <NothingYet what="sentence" />;
  return (
    <>
      <div class="title">
        <h1>Story</h1>
        <p class="soft">What mattered, newest first. A time leads to its moment, a sentence to its place.</p>
      </div>
      <div class="row story-filter">
        <label class="field">
          Words, a broker, a partition
          <input type="search" value={sought} onInput={(event) => setSought(event.currentTarget.value)} />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={onlySerious}
            onChange={(event) => setOnlySerious(event.currentTarget.checked)}
          />
          warnings and errors only
        </label>
      </div>
      <Compare />
      {list}
      {wanted.length > most && (
        <button type="button" onClick={() => setMost(most + shownAtOnce)}>
          {wanted.length - most} older ones
        </button>
      )}
    </>
  );
}

function isAbout({ text, actor, partition = '' }: Said, words: string): boolean {
  return words === '' || `${text} ${actor} ${partition}`.toLowerCase().includes(words);
}

interface SentencesProps {
  readonly said: readonly Said[];
  /** The moment that is looked at; undefined: now. */
  readonly atMs: number | undefined;
}

function Sentences({ said: oldestFirst, atMs }: SentencesProps) {
  const shown = oldestFirst.toReversed();
  const current = atMs === undefined ? undefined : shown.find((said) => said.timeMs <= atMs);
  return (
    <ol class="story" reversed aria-label="The story, newest first">
      {shown.map((said) => (
        <Sentence
          key={`${said.timeMs} ${said.actor} ${said.event} ${said.text}`}
          said={said}
          isLater={atMs !== undefined && said.timeMs > atMs}
          isCurrent={said === current}
        />
      ))}
    </ol>
  );
}

interface SentenceProps {
  readonly said: Said;
  readonly isLater: boolean;
  readonly isCurrent: boolean;
}

function Sentence({ said, isLater, isCurrent }: SentenceProps) {
  const console = useConsole();
  const { timeMs, level, text, rule } = said;
  const [sign, word] = levels[level];
  // Not read as a signal: it changes with every frame.
  const machineOf = (path: string): string | undefined => console.view.peek().world.actors.get(path)?.machine;
  return (
    <li class={`said ${level}${isLater ? ' later' : ''}`} aria-current={isCurrent ? 'true' : undefined}>
      <button
        type="button"
        class="plain mono"
        title="Go to this moment"
        onClick={() => console.goTo(momentOf(console.recording, said))}
      >
        {timeText(timeMs)}
      </button>
      <span class="level" title={word}>
        <span aria-hidden="true">{sign}</span>
        <span class="unseen">{word}</span>
      </span>
      <span class="subject">{subjectOf(said)}</span>
      <p>
        <a href={placeOf(said, machineOf)}>{text}</a> {rule !== undefined && <RuleTags citation={rule} />}
        {isLater && <span class="faint small"> later than the moment you look at</span>}
      </p>
    </li>
  );
}
