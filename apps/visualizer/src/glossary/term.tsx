// A word of the field, with its meaning one hover, focus or touch away.

import { hideTip, showTip, tipId } from './tip.tsx';
import { glossary, type Word } from './words.ts';

export function Term({ word, text }: { readonly word: Word; readonly text?: string }) {
  const show = (event: Event): void => {
    if (event.currentTarget instanceof Element) showTip(glossary[word], event.currentTarget);
  };
  return (
    <button
      type="button"
      class="term"
      aria-describedby={tipId}
      onMouseEnter={show}
      onFocus={show}
      onClick={show}
      onMouseLeave={hideTip}
      onBlur={hideTip}
    >
      {text ?? word}
    </button>
  );
}
