// What mattered, in sentences. Each leads to its moment and its place.

import { numberText, type Said } from '@odradek/trace';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { NothingYet } from '../app/empty.tsx';
import { useConsole } from '../app/the-console.ts';
import { RuleTags } from '../rules/rule-tag.tsx';
import { Compare } from './compare.tsx';
import { momentOf } from './moment-of.ts';
import { placeOf, subjectOf } from './place-of.ts';
import { sentencesAt } from './sentences-at.ts';
import { timeText } from './time-text.ts';

/** So many are shown; older ones are reached by asking for them. */
const shownAtOnce = 200;

const levels = { info: ['·', 'information'], warn: ['!', 'warning'], error: ['✕', 'error'] } as const;

export function StoryPage() {
  const console = useConsole();
  const { timeMs, isNow, world, position } = console.view.value;
  const isPaused = console.state.value.value.time === 'paused';
  const [sought, setSought] = useState('');
  const [onlySerious, setOnlySerious] = useState(false);
  const [most, setMost] = useState(shownAtOnce);
  // All that is known, also what comes after the moment that is looked at.
  const { story, sentences } = console.recording.now;
  const text = sought.trim().toLowerCase();
  const then = isNow ? story : world.story;
  const atMs = isNow ? Number.POSITIVE_INFINITY : timeMs;
  const { until, later } = useMemo(() => {
    const isWanted = (said: Said): boolean => (!onlySerious || said.level !== 'info') && isAbout(said, text);
    const at = sentencesAt(story, then, atMs);
    return { until: at.until.filter(isWanted), later: at.later.filter(isWanted) };
  }, [story, sentences, then, atMs, onlySerious, text]);
  // Who goes to a moment sees its sentence; who looks around while it plays is let be until the next one.
  const goneTo = isPaused ? position : undefined;
  // Hundreds of sentences are not drawn again for each frame that brings none.
  const list = useMemo(
    () => <Sentences said={until.slice(-most)} isCurrentMarked={!isNow} gone={goneTo} />,
    [until, most, isNow, goneTo],
  );
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
      {later.length > 0 && <Later said={later} />}
      {list}
      {until.length === 0 && !isNow && (
        <p class="soft" data-fact="nothing said">
          Nothing {later.length === 0 && text !== '' ? 'of it ' : ''}had been said yet at this moment.
        </p>
      )}
      {until.length > most && (
        <button type="button" onClick={() => setMost(most + shownAtOnce)}>
          {until.length - most} older ones
        </button>
      )}
    </>
  );
}

/** What was said after the moment that is looked at: apart, and to be opened. */
function Later({ said }: { readonly said: readonly Said[] }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="later" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary data-fact="later">
        {said.length} {said.length === 1 ? 'sentence' : 'sentences'} later than the moment you look at
      </summary>
      {isOpen && (
        <ol class="story" reversed aria-label="What was said later, newest first">
          {said
            .slice(0, shownAtOnce)
            .toReversed()
            .map((one) => (
              <Sentence key={keyOf(one)} said={one} isCurrent={false} />
            ))}
        </ol>
      )}
    </details>
  );
}

function isAbout({ text, actor, partition = '' }: Said, words: string): boolean {
  return words === '' || `${text} ${actor} ${partition}`.toLowerCase().includes(words);
}

interface SentencesProps {
  /** Oldest first. */
  readonly said: readonly Said[];
  /** At a moment that has been: which sentence is its last one is marked, and comes in sight. */
  readonly isCurrentMarked: boolean;
  /** The position that somebody has gone to. */
  readonly gone: number | undefined;
}

function Sentences({ said, isCurrentMarked, gone }: SentencesProps) {
  const list = useRef<HTMLOListElement>(null);
  const current = isCurrentMarked ? said.at(-1) : undefined;
  const currentKey = current === undefined ? undefined : keyOf(current);
  useEffect(() => {
    if (currentKey !== undefined) list.current?.firstElementChild?.scrollIntoView({ block: 'nearest' });
  }, [currentKey, gone]);
  return (
    <ol class="story" reversed aria-label="The story, newest first" ref={list}>
      {said.toReversed().map((one) => (
        <Sentence key={keyOf(one)} said={one} isCurrent={one === current} />
      ))}
    </ol>
  );
}

/** The same however often it is said again. */
function keyOf({ timeMs, sinceMs = timeMs, actor, event, partition, text }: Said): string {
  return `${sinceMs} ${actor} ${event} ${partition} ${text}`;
}

interface SentenceProps {
  readonly said: Said;
  readonly isCurrent: boolean;
}

function Sentence({ said, isCurrent }: SentenceProps) {
  const console = useConsole();
  const { timeMs, level, text, rule } = said;
  const [sign, word] = levels[level];
  // Not read as a signal: it changes with every frame.
  const machineOf = (path: string): string | undefined => console.view.peek().world.actors.get(path)?.machine;
  return (
    <li class={`said ${level}`} aria-current={isCurrent ? 'true' : undefined}>
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
        <Repeated said={said} />
      </p>
    </li>
  );
}

/** How often it was said in a row, and since when; that leads to the first time. */
function Repeated({ said: { times, sinceMs } }: { readonly said: Said }) {
  const console = useConsole();
  if (times === undefined || sinceMs === undefined) return null;
  return (
    <span class="repeated">
      {' '}
      {numberText(times)} times since{' '}
      <button
        type="button"
        class="plain mono"
        title="Go to the first time"
        onClick={() => console.goTo(console.recording.positionAt(sinceMs))}
      >
        {timeText(sinceMs)}
      </button>
    </span>
  );
}
