// The ids of rules that something cites, each with its text one hover or focus away.

import { hideTip, showTip, tipId } from '../glossary/tip.tsx';
import { type Rule, rulesIn } from './rules.ts';

export function RuleTags({ citation }: { readonly citation: string }) {
  return (
    <>
      {rulesIn(citation).map((rule) => (
        <RuleTag key={rule.id} rule={rule} />
      ))}
    </>
  );
}

function RuleTag({ rule: { id, text } }: { readonly rule: Rule }) {
  const show = (event: Event): void => {
    if (event.currentTarget instanceof Element)
      showTip(text ?? 'This page has no words for this rule.', event.currentTarget);
  };
  return (
    <button
      type="button"
      class="tag rule"
      aria-describedby={tipId}
      aria-label={`rule ${id}`}
      onMouseEnter={show}
      onFocus={show}
      onClick={show}
      onMouseLeave={hideTip}
      onBlur={hideTip}
    >
      {id}
    </button>
  );
}

/** The rules with their texts written out. */
export function RuleTexts({ citation }: { readonly citation: string }) {
  return (
    <dl class="rule-texts">
      {rulesIn(citation).map(({ id, text }) => (
        <div key={id}>
          <dt>{id}</dt>
          <dd>{text ?? 'This page has no words for this rule.'}</dd>
        </div>
      ))}
    </dl>
  );
}
