// A file as a source: everything is told at once, and then it is complete. It is a trace, or the events of any xstate app as
// `@statelyai/inspect` tells them.

import { messagesOfStately, readTrace, type TraceFile } from '@odradek/trace';
import type { SourceListener, ViewSource } from './view-source.ts';

export function fileSource(name: string, text: string): ViewSource {
  let isClosed = false;
  return {
    kind: 'file',
    about: name,
    open(listener) {
      queueMicrotask(() => {
        if (isClosed) return;
        const read = toldIn(text);
        if ('problem' in read) return listener.failed(read.problem);
        listener.opened();
        tellAll(read, listener);
        listener.completed(firstMoment(read));
      });
    },
    // A file has told all it knows.
    ask: () => {},
    close: () => {
      isClosed = true;
    },
  };
}

/** In pieces of one teller each. */
function tellAll({ messages, tellers }: Told, listener: SourceListener): void {
  let from = 0;
  for (let to = 1; to <= messages.length; to++) {
    if (to < messages.length && tellers[to] === tellers[from]) continue;
    listener.told(messages.slice(from, to), tellers[from] ?? '');
    from = to;
  }
}

/** A run that failed is looked at where it did: its last sentence is an error. Any other from its beginning on. */
function firstMoment({ messages }: Told): number | undefined {
  const last = messages.findLastIndex(({ kind }) => kind === 'said');
  const said = messages[last];
  return said?.kind === 'said' && said.level === 'error' ? last + 1 : undefined;
}

type Told = Pick<TraceFile, 'messages' | 'tellers'>;

function toldIn(text: string): Told | { readonly problem: string } {
  const stately = messagesOfStately(text);
  if (stately !== undefined) return { messages: stately, tellers: [] };
  try {
    return readTrace(text);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
