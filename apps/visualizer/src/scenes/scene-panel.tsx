// The words of a scene, beside whatever page is shown: where it stands, what has happened, what is pointed at, and how it goes on.

import { numberText, type Said as SaidOf, stateText } from '@odradek/trace';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { addressOf } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { RuleTags } from '../rules/rule-tag.tsx';
import { subjectOf } from '../story/place-of.ts';
import { timeText } from '../story/time-text.ts';
import type { SceneState } from '../tab/tab-messages.ts';
import { isTabSource, type TabSource } from '../tab/tab-source.ts';
import { scenes } from './all.ts';
import { openScene, sceneOf } from './open-scene.ts';
import { usePointing } from './pointing.ts';
import type { Anchor, Moment, Scene } from './scene.ts';

/** So many times as fast, for who does not want to wait for a moment. */
const skippingSpeed = 20;
const mostSaid = 6;

export function ScenePanel() {
  const console = useConsole();
  // Another source changes the state, and so this panel is drawn again.
  const { value } = console.state.value;
  const { source } = console;
  const scene = sceneOf(console);
  // Why it failed is said above.
  if (scene === undefined || !isTabSource(source) || value.source === 'failed') return null;
  const state = source.state.value;
  return (
    <aside class="scene-panel" aria-label="The scene" data-scene={scene.id}>
      {state === undefined ? (
        <p class="soft">Starting a cluster …</p>
      ) : state.scene === undefined ? (
        <Left scene={scene} />
      ) : (
        <Going scene={scene} source={source} state={state.scene} />
      )}
    </aside>
  );
}

interface GoingProps {
  readonly scene: Scene;
  readonly source: TabSource;
  readonly state: SceneState;
}

const nothing: readonly Anchor[] = [];

function Going({ scene, source, state }: GoingProps) {
  const console = useConsole();
  const { moment: at, isPlaying, sinceMs } = state;
  const moment = scene.moments[at];
  const next = scene.moments[at + 1];
  usePointing(isPlaying || moment === undefined ? nothing : moment.at);
  const button = useRef<HTMLButtonElement>(null);
  // Who goes through a scene by the keyboard finds the way on under their finger.
  useEffect(() => {
    const hasJustCome = at === 0 && document.activeElement !== document.getElementById('main');
    if (!isPlaying && !hasJustCome) button.current?.focus({ preventScroll: true });
  }, [isPlaying, at]);
  if (moment === undefined) return null;
  return (
    <>
      <Head scene={scene} at={at} />
      <div class="words" aria-live="polite" data-fact="moment words">
        {isPlaying ? <Playing moment={moment} /> : <Words moment={moment} />}
      </div>
      <div class="row">
        {/* Two buttons, not one whose meaning changes under the finger: who wants it faster must not skip a moment that has just ended. */}
        {isPlaying ? (
          <button
            key="faster"
            type="button"
            onClick={() => source.pace({ speed: (moment.speed ?? 1) * skippingSpeed })}
          >
            Faster
          </button>
        ) : next === undefined ? (
          <NextScene scene={scene} />
        ) : (
          <button
            key="next"
            ref={button}
            type="button"
            class="primary"
            data-do="next"
            onClick={() => {
              // Who looked at a moment that has been wants to see what comes.
              console.follow();
              source.next();
            }}
          >
            {next.next} <span aria-hidden="true">→</span>
          </button>
        )}
      </div>
      <p class="leave">
        <button type="button" class="plain" data-do="leave" onClick={() => source.leave()}>
          Leave the scene here, and break things yourself
        </button>
      </p>
      {at > 0 && <Said sinceMs={sinceMs} />}
    </>
  );
}

function Head({ scene: { title, rules, moments }, at }: { readonly scene: Scene; readonly at: number }) {
  return (
    <>
      <p class="faint small">
        <a href={addressOf('scenes')}>Scenes</a> · moment <span data-fact="moment number">{at + 1}</span> of{' '}
        {moments.length}
      </p>
      <h2>{title}</h2>
      <progress max={moments.length} value={at + 1} aria-label="How far the scene is" />
      <p class="rules">
        <span class="faint small">Rules at work:</span> <RuleTags citation={rules.join(', ')} />
      </p>
    </>
  );
}

function Playing({ moment: { next, speed = 1 } }: { readonly moment: Moment }) {
  return (
    <>
      <h3>{next} …</h3>
      <p class="soft">
        {speed >= 1
          ? 'Time runs as it does for us.'
          : `Time runs ${shownTimes(1 / speed)} times slower than ours.`}{' '}
        Watch the map.
      </p>
    </>
  );
}

function shownTimes(times: number): string {
  return numberText(times >= 10 ? Math.round(times) : Math.round(times * 10) / 10);
}

function Words({ moment: { title, words, at } }: { readonly moment: Moment }) {
  return (
    <>
      <h3 data-fact="moment title">{title}</h3>
      {words.map((paragraph) => (
        <p key={paragraph}>{withCode(paragraph)}</p>
      ))}
      <Actors anchors={at} />
    </>
  );
}

/** What stands between backticks is the name of a record or a topic, which would else be read as a word of the sentence. */
function withCode(text: string): ComponentChildren[] {
  return text.split('`').map((part, nth) => (nth % 2 === 0 ? part : <code key={nth}>{part}</code>));
}

/** The actors that it speaks about, each with its state as it is, and the way to its chart. */
function Actors({ anchors }: { readonly anchors: readonly Anchor[] }) {
  const { world } = useConsole().view.value;
  const paths = anchors.flatMap((anchor) => ('actor' in anchor ? [anchor.actor] : []));
  if (paths.length === 0) return null;
  return (
    <ul class="pointed-actors" aria-label="The machines that this is about">
      {paths.map((path) => {
        const seen = world.actors.get(path);
        return (
          seen !== undefined && (
            <li key={path}>
              <a class="mono small" href={addressOf('machines', [seen.machine], { actor: path })}>
                {path}
              </a>{' '}
              <span class="tag">{stateText(seen.value)}</span>
            </li>
          )
        );
      })}
    </ul>
  );
}

/** What the machines themselves said on the way to this moment. */
function Said({ sinceMs }: { readonly sinceMs: number }) {
  const { world } = useConsole().view.value;
  const said = world.story.filter(({ timeMs }) => timeMs >= sinceMs).slice(-mostSaid);
  if (said.length === 0) return null;
  return (
    <ul class="narration small" aria-label="What was said on the way">
      {said.map((one) => (
        <li key={`${one.timeMs} ${one.actor} ${one.text}`}>
          <span class="faint mono">{timeText(one.timeMs)}</span> {sentenceOf(one)}
          {one.times !== undefined && <span class="faint"> {one.times} times</span>}
        </li>
      ))}
    </ul>
  );
}

/** What the world and its clients do is a sentence already; what an actor says has the actor for its subject. */
function sentenceOf(said: SaidOf): string {
  const { actor, text } = said;
  return /^(?:world|client|.*\/controller)$/.test(actor) && !/^is |^gives/.test(text)
    ? text
    : `${subjectOf(said)}: ${text}`;
}

function NextScene({ scene }: { readonly scene: Scene }) {
  const following = scenes[scenes.indexOf(scene) + 1];
  return following === undefined ? (
    <a class="button primary" href={addressOf('scenes')} data-do="next scene">
      That was the last scene
    </a>
  ) : (
    <a class="button primary" href={addressOf('scenes', [following.id])} data-do="next scene">
      Next scene: {following.title}
    </a>
  );
}

function Left({ scene }: { readonly scene: Scene }) {
  const console = useConsole();
  return (
    <>
      <p class="faint small">
        <a href={addressOf('scenes')}>Scenes</a>
      </p>
      <h2>{scene.title}</h2>
      <p data-fact="left">
        You have left the scene: the cluster is yours. Break a broker by the button at its head, send records
        under <a href={addressOf('topics')}>Topics</a>, and see what{' '}
        <a href={addressOf('story')}>the story</a> says.
      </p>
      <div class="row">
        <button type="button" onClick={() => openScene(console, scene)}>
          Begin the scene again
        </button>
      </div>
    </>
  );
}
