// The metadata quorum made a little wrong.

import { quorumMachine } from '@odradek/election';
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

export const quorumMutants: readonly Mutant[] = [m17];
