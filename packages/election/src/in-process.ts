// A quorum within one process: a network without sockets and storage without a disk, for examples, tests and whoever wants to
// watch an election. `later` runs something after the present call has returned.

import {
  type Clock,
  memoryLog,
  type Network,
  type NetworkReply,
  type NodeId,
  type Peer,
  type PeerAnswer,
  type PeerApi,
  type PeerHandler,
  type PeerRequest,
  type Random,
  type Voter,
} from '@odradek/model';
import { createQuorum } from './create-quorum.ts';
import {
  isQuorumRequest,
  noVoteState,
  type Quorum,
  type QuorumOptions,
  type QuorumStorage,
  type SnapshotId,
} from './quorum.ts';

type Later = (callback: () => void) => void;

/** Keeps snapshots for the life of the process, and vote states for nobody: a member that comes back needs a disk. */
export function memoryQuorumStorage(later: Later): QuorumStorage {
  let latest: { readonly id: SnapshotId; readonly bytes: Uint8Array } | undefined;
  return {
    storeVoteState: (_, done) => later(done),
    latestSnapshot: () => latest?.id,
    readSnapshot: (id) => (latest?.id.endOffset === id.endOffset ? latest.bytes : undefined),
    storeSnapshot: (id, bytes, done) => {
      latest = { id, bytes };
      later(done);
    },
  };
}

/** What a member that has nothing but a quorum answers; other questions time out at the asker. */
export function quorumHandler(quorum: Quorum): PeerHandler {
  return {
    handle: (peer, request, answer) => {
      if (isQuorumRequest(request)) quorum.handle(peer, request, answer);
    },
    observe: (evidence) => quorum.observe(evidence),
  };
}

/** What a member in memory is made of. */
export interface MemberInMemory {
  readonly self: Voter;
  readonly voters: readonly Voter[];
  readonly local: LocalNetwork;
  readonly later: Later;
  readonly clock: Clock;
  readonly random: Random;
  readonly listener: QuorumOptions['listener'];
}

/** A member without a disk or a socket: it forgets everything when its process ends, so it must never come back. */
export function memberInMemory({
  self,
  voters,
  local,
  later,
  clock,
  random,
  listener,
}: MemberInMemory): Quorum {
  const network = local.port({ ...self, incarnation: `the only life of ${self.id}` });
  const log = memoryLog({
    later,
    listener: {
      flushed: (end) => quorum.logFlushed(end),
      failed: (error) => quorum.logFailed(error),
    },
  });
  const quorum: Quorum = createQuorum({
    clusterId: 'in memory',
    self,
    voters,
    log,
    voteState: noVoteState,
    storage: memoryQuorumStorage(later),
    ports: { clock, random, network },
    listener,
  });
  network.serve(quorumHandler(quorum));
  return quorum;
}

/** Carries requests between members of one process. A member that has left, or never served, refuses connections. */
export class LocalNetwork {
  readonly #later: Later;
  readonly #handlers = new Map<NodeId, PeerHandler>();
  /** Requests on their way, with whom they ask; none of them is answered any more once that one has left. */
  readonly #asked = new Map<() => void, NodeId>();

  constructor(later: Later) {
    this.#later = later;
  }

  /** The network as one member sees it. */
  port(self: Peer): Network {
    return {
      request: (to, _channel, request, _timeoutMs, done) =>
        this.#later(() => this.#deliver(self, to, request, done)),
      address: () => {},
      probe: (to) =>
        this.#later(() => {
          const type = this.#handlers.has(to) ? 'reached' : 'refused';
          this.#handlers.get(self.id)?.observe({ type, id: to });
        }),
      serve: (handler) => {
        this.#handlers.set(self.id, handler);
      },
    };
  }

  /** The member is gone: its address refuses from now on. */
  leave(id: NodeId): void {
    this.#handlers.delete(id);
    for (const [fail, to] of this.#asked) if (to === id) this.#later(fail);
    for (const handler of this.#handlers.values())
      this.#later(() => handler.observe({ type: 'refused', id }));
  }

  #deliver<Api extends PeerApi>(
    from: Peer,
    to: NodeId,
    request: PeerRequest<Api>,
    done: (reply: NetworkReply<Api>) => void,
  ): void {
    const handler = this.#handlers.get(to);
    if (handler === undefined) {
      this.#later(() => done({ outcome: 'failed', reason: 'refused' }));
      return;
    }
    const fail = (): void => {
      if (this.#asked.delete(fail)) done({ outcome: 'failed', reason: 'disconnected' });
    };
    this.#asked.set(fail, to);
    // A request and its answer are of one API, which the compiler cannot follow through the table of all.
    handler.handle(from, request as PeerRequest, (answer: PeerAnswer) =>
      this.#later(() => {
        if (this.#asked.delete(fail))
          done({ outcome: 'answered', response: answer.body } as NetworkReply<Api>);
      }),
    );
  }
}
