// What is picked in a chart, in full: a state with what it does, or transitions with event, guard, actions, and the rule in words.

import { type Chart, eventWords, numberText } from '@odradek/trace';
import type { Signal } from '@preact/signals';
import { RuleTags, RuleTexts } from '../rules/rule-tag.tsx';
import type { CountedSince } from './activity.ts';
import type { LitChart } from './lit-chart.ts';
import { edgesPicked, nameOf, type Picked, type PickedEdge, stateAt } from './picked.ts';

export interface PickedPanelProps {
  readonly lit: LitChart;
  readonly picked: Signal<Picked | undefined>;
  readonly since: CountedSince;
}

export function PickedPanel({ lit, picked, since }: PickedPanelProps) {
  const { value } = picked;
  if (value === undefined)
    return <p class="faint small">Pick a state or an arrow to read what it does, and which rule it keeps.</p>;
  const { chart } = lit.drawing;
  const edges = edgesPicked(chart, value);
  const rules = [...new Set(edges.flatMap(({ edge }) => edge.rule ?? []))];
  return (
    <section class="picked-panel card" aria-label="What is picked">
      <div class="title">
        <h3>
          {value.kind === 'state'
            ? nameOf(chart, value.path)
            : `${nameOf(chart, value.source)} → ${nameOf(chart, value.target)}`}
        </h3>
        <button type="button" class="plain small" onClick={() => (picked.value = undefined)}>
          Close
        </button>
      </div>
      {value.kind === 'state' && <StateFacts chart={chart} path={value.path} />}
      {edges.length > 0 && (
        <ul class="picked-edges">
          {edges.map((edge) => (
            <EdgeFacts
              key={edge.index}
              chart={chart}
              picked={edge}
              taken={lit.taken.value[edge.index] ?? 0}
              since={since}
            />
          ))}
        </ul>
      )}
      {rules.length > 0 && <RuleTexts citation={rules.join(', ')} />}
    </section>
  );
}

function StateFacts({ chart, path }: { readonly chart: Chart; readonly path: string }) {
  const state = stateAt(chart, path);
  if (state === undefined) return null;
  const { description, rule, entry, exit, invokes } = state;
  return (
    <>
      {description !== undefined && <p>{description}</p>}
      {rule !== undefined && <RuleTags citation={rule} />}
      {entry.length > 0 && <p class="small">When it is entered: {entry.join(', ')}</p>}
      {exit.length > 0 && <p class="small">When it is left: {exit.join(', ')}</p>}
      {invokes.length > 0 && <p class="small">Runs {invokes.map(({ source }) => source).join(', ')}</p>}
    </>
  );
}

interface EdgeFactsProps {
  readonly chart: Chart;
  readonly picked: PickedEdge;
  readonly taken: number;
  readonly since: CountedSince;
}

function EdgeFacts({ chart, picked: { edge, order, rivals }, taken, since }: EdgeFactsProps) {
  const { event, delay, guard, actions, rule, target, source, description } = edge;
  return (
    <li>
      <p>
        <b>{eventWords(event, delay)}</b>
        {guard !== undefined && <> if {guard}</>}
        {guard === undefined && rivals > 1 && <> else</>}
        {rivals > 1 && (
          <span class="faint small">
            {' '}
            (asked {order} of {rivals})
          </span>
        )}{' '}
        <span class="soft">
          {target === undefined && (actions.length === 0 ? 'is ignored' : 'stays here')}
          {target === source && 'enters it anew'}
          {target !== undefined && target !== source && `→ ${nameOf(chart, target)}`}
        </span>{' '}
        {rule !== undefined && <RuleTags citation={rule} />}
      </p>
      {actions.length > 0 && <p class="small">does: {actions.join(', ')}</p>}
      {description !== undefined && <p class="small">{description}</p>}
      <p class="faint small">
        {taken === 0 ? 'never taken' : `taken ${numberText(taken)} ${taken === 1 ? 'time' : 'times'}`} since{' '}
        {since.at}, {since.what}
      </p>
    </li>
  );
}
