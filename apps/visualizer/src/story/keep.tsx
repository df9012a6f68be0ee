// What was told goes to another person: as a file, or as a link when it is small.

import { useConsole } from '../app/the-console.ts';
import { linkTo } from '../sources/open-file.ts';
import { say } from '../ui/outcome.tsx';
import { traceTextOf } from './trace-text.ts';

/** Longer addresses are cut by some programs that people send them with. */
const longestLink = 30_000;

export function KeepButtons() {
  const console = useConsole();
  const save = (): void => {
    const text = traceTextOf(console.recording, console.state.value.context.about);
    const address = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = 'odradek.trace';
    link.click();
    URL.revokeObjectURL(address);
    say('Kept as odradek.trace. Whoever drops it on this page sees what you saw.');
  };
  const share = async (): Promise<void> => {
    const link = await linkTo(traceTextOf(console.recording, console.state.value.context.about));
    if (link.length > longestLink) return say('This is too much for a link: keep it as a file.', true);
    await navigator.clipboard.writeText(`${location.href.replace(/#.*$/, '')}${link}`);
    say('The link is on the clipboard. It holds the whole trace.');
  };
  return (
    <>
      <button type="button" onClick={save} title="Keep all that was told as a file">
        Keep
      </button>
      <button
        type="button"
        onClick={() => {
          share().catch((error: unknown) => say(String(error), true));
        }}
        title="Copy a link that holds the trace, if it is small"
      >
        Link
      </button>
    </>
  );
}
