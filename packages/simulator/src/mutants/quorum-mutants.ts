// The metadata quorum made a little wrong.

import {
  majorityEnd,
  type QuorumContext,
  type QuorumEvent,
  quorumMachine,
  sameVoter,
} from '@odradek/election';
import { assign } from 'xstate';
import type { Mutant } from '../mutant.ts';

const m17: Mutant = {
  name: 'M17',
  what: 'a vote is answered before it is durable (Q1)',
  machines: {
    quorum: quorumMachine.provide({
      actions: {
        'answer that it is granted': ({ context, event }) => {
          if (event.type !== 'vote requested' && event.type !== 'pre-vote requested') return;
          const { leaderId = -1, epoch } = context;
          event.answer({ error: 'NONE', leaderId, leaderEpoch: epoch, voteGranted: true });
        },
      },
    }),
  },
};

const m18: Mutant = {
  name: 'M18',
  what: 'who led before a crash asks for the same epoch again, instead of coming back as resigned (Q6)',
  machines: {
    quorum: quorumMachine.provide({
      guards: {
        'comes back as resigned': () => false,
        'comes back as candidate': ({ context: { host } }) =>
          host.restart.state === 'candidate' || host.restart.state === 'resigned',
      },
    }),
  },
};

const m19: Mutant = {
  name: 'M19',
  what: "what a majority has is taken for committed, though none of it is of the leader's own epoch (Q4)",
  machines: {
    quorum: quorumMachine.provide({
      guards: {
        'fetch commits more': ({ context, event }) => reached(context, event) > context.highWatermark,
        'flush commits more': ({ context }) => reached(context) > context.highWatermark,
      },
      actions: {
        'advance the high watermark': assign(({ context }) => ({
          highWatermark: Math.max(context.highWatermark, reached(context)),
        })),
      },
    }),
  },
};

/** What a majority has flushed, counting the fetch that has just come. */
function reached({ office, host }: QuorumContext, event?: QuorumEvent): number {
  const fetched = event?.type === 'fetch requested' ? event : undefined;
  const ends = host.voters.map((voter) => {
    if (sameVoter(voter, host.self)) return host.log.flushedEndOffset;
    if (fetched !== undefined && sameVoter(voter, fetched.from)) return fetched.body.fetchOffset;
    return office?.replicas.get(voter.id)?.endOffset ?? -1;
  });
  return majorityEnd(ends);
}

const mx9: Mutant = {
  name: 'MX9',
  what: 'a voter follows every epoch that another tells, however far it is (X9)',
  machines: { quorum: quorumMachine.provide({ guards: { 'is beyond belief': () => false } }) },
};

const ELECTION_TIMEOUT_MS = 150;
const FETCH_TIMEOUT_MS = 500;

const mq10: Mutant = {
  name: 'MQ10',
  what: 'votes, and the leader, are waited for as long as they are set to be, whatever answers take (Q10)',
  machines: {
    quorum: quorumMachine.provide({
      delays: {
        'election timeout': ({ context: { host } }) =>
          ELECTION_TIMEOUT_MS + host.randomBelow(ELECTION_TIMEOUT_MS),
        'fetch timeout': FETCH_TIMEOUT_MS,
      },
    }),
  },
};

export const quorumMutants: readonly Mutant[] = [m17, m18, m19, mx9, mq10];
