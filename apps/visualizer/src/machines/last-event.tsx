// The last event of an actor: what it carried, which transitions were looked at for it, and which guards said no.

import {
  type ActorSeen,
  type Asked,
  askedOf,
  type Chart,
  eventWordsOf,
  type LastStep,
  type World,
} from '@odradek/trace';
import { nameOf } from '../charts/picked.ts';
import { Term } from '../glossary/term.tsx';
import { RuleTags, RuleTexts } from '../rules/rule-tag.tsx';
import { timeText } from '../story/time-text.ts';
import { Carried } from './carried.tsx';

export interface LastEventProps {
  readonly world: World;
  readonly actor: ActorSeen;
}

export function LastEvent({ world, actor }: LastEventProps) {
  const { last, lastOfEvent = last, machine, source } = actor;
  const chart = world.charts.get(machine);
  if (chart === undefined) return null;
  if (last === undefined || lastOfEvent === undefined)
    return (
      <p class="faint small">
        {actor.steps === 0
          ? `No event of it has been told since ${timeText(world.beganMs ?? world.timeMs)}.`
          : 'Its last events were counted, not told one by one.'}
      </p>
    );
  const asked = askedOf(chart, lastOfEvent);
  const isGuessed = world.hellos.get(source)?.stepsAreGuessed === true;
  return (
    <section class="last-event" aria-label="Its last event">
      <p class="small">
        Last: <b>{eventWordsOf(lastOfEvent.event, machine)}</b> at {timeText(lastOfEvent.timeMs)}{' '}
        {lastOfEvent.rule !== undefined && <RuleTags citation={lastOfEvent.rule} />}
      </p>
      {asked !== undefined && isGuessed && (
        <p class="faint small">
          Its source tells states and no transitions: which guards were asked is not known.
        </p>
      )}
      {asked !== undefined && !isGuessed && <AskedFor asked={asked} chart={chart} step={lastOfEvent} />}
      {asked !== undefined && <EventCarried step={lastOfEvent} />}
      {last !== lastOfEvent && <AtOnce step={last} chart={chart} />}
      {lastOfEvent.rule !== undefined && <RuleTexts citation={lastOfEvent.rule} />}
    </section>
  );
}

function EventCarried({ step: { values } }: { readonly step: LastStep }) {
  if (values === undefined) return <p class="faint small">What the event carried was not told.</p>;
  return <Carried values={values} what="event" />;
}

interface AskedForProps {
  readonly asked: readonly Asked[];
  readonly chart: Chart;
  readonly step: LastStep;
}

function AskedFor({ asked, chart, step: { from } }: AskedForProps) {
  if (asked.length === 0)
    return (
      <p class="small" data-fact="outcome">
        Passed over: {from === '' ? 'it' : <span class="mono">{from}</span>} has no transition for it.
      </p>
    );
  const isTaken = asked.some(({ said }) => said === 'yes' || said === 'no guard');
  return (
    <>
      {!isTaken && (
        <p class="small" data-fact="outcome">
          Passed over: every guard said no.
        </p>
      )}
      <ol class="next" data-fact="asked" aria-label="Transitions that were looked at, in their order">
        {asked.map((one, at) => (
          <AskedOne
            key={at}
            asked={one}
            chart={chart}
            isFirstOfState={one.edge.source !== asked[at - 1]?.edge.source}
          />
        ))}
      </ol>
    </>
  );
}

const signs = { yes: '✓', no: '✕', 'no guard': '→', 'not known': '?' } as const;
const words = {
  yes: 'said yes',
  no: 'said no',
  'no guard': 'no guard is asked',
  'not known': 'not known: another region left this one',
} as const;

interface AskedOneProps {
  readonly asked: Asked;
  readonly chart: Chart;
  readonly isFirstOfState: boolean;
}

function AskedOne({ asked: { edge, said }, chart, isFirstOfState }: AskedOneProps) {
  const { source, guard, target, actions, rule } = edge;
  const isTaken = said === 'yes' || said === 'no guard';
  return (
    <li class={said === 'no' ? 'refused' : undefined}>
      <span class="sign" title={words[said]}>
        <span aria-hidden="true">{signs[said]}</span>
        <span class="unseen">{words[said]}</span>
      </span>
      <span>
        {guard === undefined ? 'else' : <Term word="guard" text={guard} />}{' '}
        {guard !== undefined && <b>{said === 'not known' ? 'may not have been asked' : words[said]}</b>}
        {isTaken && (
          <span class="soft">
            {guard === undefined ? ' taken' : ': taken'}
            {target === undefined
              ? actions.length === 0
                ? ', ignored'
                : `, ${actions.join(', ')}`
              : ` → ${nameOf(chart, target)}`}
          </span>
        )}
        {isFirstOfState && <span class="faint"> in {nameOf(chart, source)}</span>}{' '}
        {rule !== undefined && <RuleTags citation={rule} />}
      </span>
    </li>
  );
}

/** What it did without another event, because of what it knew then. */
function AtOnce({ step: { edges }, chart }: { readonly step: LastStep; readonly chart: Chart }) {
  return (
    <p class="small" data-fact="at once">
      Then at once{' '}
      {edges.map(({ guard, target }, at) => (
        <span key={at}>
          {guard !== undefined && (
            <>
              if <Term word="guard" text={guard} />
            </>
          )}
          {target !== undefined && <span class="soft"> → {nameOf(chart, target)}</span>}{' '}
        </span>
      ))}
    </p>
  );
}
