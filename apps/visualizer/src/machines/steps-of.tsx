// The last steps of one actor: each message it took, and where that led it. Each leads to its moment.

import { eventWordsOf, type Recording, type StepTold } from '@odradek/trace';
import { useConsole } from '../app/the-console.ts';
import { timeText } from '../story/time-text.ts';

const mostSteps = 12;
/** So far back is looked. */
const mostMessages = 20_000;

export function StepsOf({ path }: { readonly path: string }) {
  const console = useConsole();
  const { position } = console.view.value;
  const steps = lastSteps(console.recording, position, path);
  if (steps.length === 0) return null;
  return (
    <>
      <h4>Messages in, newest first</h4>
      <ol class="steps" reversed>
        {steps.map(({ step, at }) => (
          <li key={at}>
            <button
              type="button"
              class="plain mono small"
              onClick={() => console.goTo(at + 1)}
              title="Go to this moment"
            >
              {timeText(step.timeMs)}
            </button>
            <span>
              {eventWordsOf(step.event, step.machine)}
              {step.from !== step.to && <span class="soft"> → {step.to}</span>}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

interface StepAt {
  readonly step: StepTold;
  readonly at: number;
}

function lastSteps(recording: Recording, before: number, path: string): StepAt[] {
  const found: StepAt[] = [];
  const first = Math.max(recording.start, before - mostMessages);
  for (let at = before - 1; at >= first && found.length < mostSteps; at--) {
    const message = recording.messageAt(at);
    if (message?.kind === 'step' && message.actor === path) found.push({ step: message, at });
  }
  return found;
}
