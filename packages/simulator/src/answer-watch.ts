// W2: every request gets an answer within its timeout and a little more, from a node that runs and whose disk answers.

import type { ClientRequest, NodeId } from '@odradek/model';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualProcess } from './virtual-process.ts';

/** How much longer than its own timeout an answer may take: the node asks others, and waits for them no longer than this. */
const GRACE_MS = 3000;

export interface AnswerWatchOptions {
  readonly time: VirtualTime;
  /** Whether something that a node waits for is made to stand still: then it owes nothing. */
  readonly isExcused: (id: NodeId) => boolean;
  readonly broken: (message: string) => void;
}

export class AnswerWatch {
  readonly #options: AnswerWatchOptions;

  constructor(options: AnswerWatchOptions) {
    this.#options = options;
  }

  /** A node has taken a request; call the result when it has answered. */
  taken(id: NodeId, life: VirtualProcess, request: ClientRequest): () => void {
    const { time, isExcused, broken } = this.#options;
    const waitMs = timeoutOf(request) + GRACE_MS;
    const pauses = life.pauses;
    const wasExcused = isExcused(id);
    const cancel = time.after(waitMs, () => {
      const isOwed = life.isRunning && life.pauses === pauses && !wasExcused && !isExcused(id);
      if (isOwed) broken(`W2: node ${id} has not answered ${request.api} within ${waitMs} ms`);
    });
    return cancel;
  }
}

/** A node gives up on its controller after this where the client has not said how long it waits. */
const ALLOCATE_MS = 5000;

function timeoutOf({ api, body }: ClientRequest): number {
  if (api === 'initProducerId') return ALLOCATE_MS;
  if ('timeoutMs' in body) return body.timeoutMs;
  return 'maxWaitMs' in body ? body.maxWaitMs : 0;
}
