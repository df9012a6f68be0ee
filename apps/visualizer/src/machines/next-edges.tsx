// The transitions that an actor's state has, and what their guards say.

import { eventWordsOf, type NextEdge } from '@odradek/trace';
import { Term } from '../glossary/term.tsx';
import { RuleTags } from '../rules/rule-tag.tsx';

/** A transition of a moment that has been: its guard can be asked no more. */
export type EdgeThen = Pick<NextEdge, 'event' | 'guard' | 'target' | 'rule'> & {
  readonly guardSays: 'not known' | 'no guard';
};

const signs: Readonly<Record<(NextEdge | EdgeThen)['guardSays'], string>> = {
  yes: '✓',
  no: '✕',
  'depends on the event': '?',
  'not known': '?',
  'no guard': '→',
};

export interface NextEdgesProps {
  readonly machine: string;
  readonly edges: readonly (NextEdge | EdgeThen)[];
  /** How tests name the list. */
  readonly fact: string;
}

export function NextEdges({ machine, edges, fact }: NextEdgesProps) {
  return (
    <ul class="next" data-fact={fact}>
      {edges.map((edge, nth) => (
        <Edge key={nth} machine={machine} edge={edge} />
      ))}
    </ul>
  );
}

interface EdgeProps {
  readonly machine: string;
  readonly edge: NextEdge | EdgeThen;
}

function Edge({ machine, edge: { event, guard, guardSays, target, rule } }: EdgeProps) {
  return (
    <li class={guardSays === 'no' ? 'refused' : undefined}>
      <span class="sign" title={guardSays}>
        <span aria-hidden="true">{signs[guardSays]}</span>
        <span class="unseen">{guardSays}</span>
      </span>
      <span>
        <b>{eventWordsOf(event, machine)}</b>
        {guard !== undefined && (
          <>
            {' '}
            if <Term word="guard" text={guard} /> {guardSays === 'no' && <b>says no</b>}
          </>
        )}
        {target !== undefined && <span class="soft"> → {target}</span>}{' '}
        {rule !== undefined && <RuleTags citation={rule} />}
      </span>
    </li>
  );
}
