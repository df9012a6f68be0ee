// A trace file as a source: everything is told at once, and then it is complete.

import { type LiveMessage, readTrace } from '@odradek/trace';
import type { ViewSource } from './view-source.ts';

/** So many messages are handed on in one go. */
const atOnce = 5000;

export function fileSource(name: string, text: string): ViewSource {
  let isClosed = false;
  return {
    kind: 'file',
    about: name,
    open(listener) {
      queueMicrotask(() => {
        if (isClosed) return;
        const read = messagesOf(text);
        if ('problem' in read) return listener.failed(read.problem);
        listener.opened();
        for (let at = 0; at < read.messages.length; at += atOnce)
          listener.told(read.messages.slice(at, at + atOnce), name);
        listener.completed();
      });
    },
    // A file has told all it knows.
    ask: () => {},
    close: () => {
      isClosed = true;
    },
  };
}

function messagesOf(
  text: string,
): { readonly messages: readonly LiveMessage[] } | { readonly problem: string } {
  try {
    const { charts, frames } = readTrace(text);
    return {
      messages: [
        ...[...charts.values()].map((chart): LiveMessage => ({ kind: 'machine', chart })),
        ...frames.map((frame): LiveMessage => ({ kind: 'step', ...frame })),
      ],
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
