// How what was done by hand has ended: one line at the foot of the page, for some seconds.

import { signal } from '@preact/signals';

interface Outcome {
  readonly text: string;
  readonly isWrong: boolean;
}

const shown = signal<Outcome | undefined>(undefined);
const staysMs = 5000;
/** Why something went wrong takes longer to read. */
const wrongStaysMs = 10_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string, isWrong = false): void {
  shown.value = { text, isWrong };
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      shown.value = undefined;
    },
    isWrong ? wrongStaysMs : staysMs,
  );
}

/** Runs something, and says how it ended: `done` gives the words. */
export async function sayHow<Result>(
  doing: Promise<Result>,
  done: (result: Result) => string,
): Promise<Result | undefined> {
  try {
    const result = await doing;
    say(done(result));
    return result;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true);
    return undefined;
  }
}

export function OutcomeLine() {
  const { value } = shown;
  return (
    <div class="outcome" role="status" aria-live="polite">
      {value !== undefined && (
        <p class={value.isWrong ? 'wrong' : undefined}>
          <span aria-hidden="true">{value.isWrong ? '✕ ' : '✓ '}</span>
          {value.text}
        </p>
      )}
    </div>
  );
}
