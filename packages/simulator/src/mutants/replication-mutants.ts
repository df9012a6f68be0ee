// Replication made a little wrong: the leader's and the follower's role, and the partition that gives them.

import { nodeMachines } from '@odradek/core';
import { followerReplicaMachine, leaderReplicaMachine, proposed } from '@odradek/replication';
import { assign } from 'xstate';
import type { Mutant } from '../mutant.ts';

const { partition } = nodeMachines;

const m9: Mutant = {
  name: 'M9',
  what: 'the role stays over a new leader epoch when the leader is the same (F1)',
  machines: {
    partition: partition.provide({
      guards: {
        'role stays': ({ context, event }) =>
          event.type === 'place changed' && event.place.leader === context.place.leader,
      },
    }),
  },
};

const m10: Mutant = {
  name: 'M10',
  what: 'the committed in-sync set gates the high watermark, not the maximal one (L5)',
  machines: {
    leaderReplica: leaderReplicaMachine.provide({
      actions: {
        'propose expansion': assign(({ context, event }) => {
          if (event.type !== 'follower progressed') return {};
          const { lastToken, pending } = proposed(context, 'expand', [event.brokerId]);
          if (pending === undefined) return {};
          return { lastToken, pending: { ...pending, proposal: { ...pending.proposal, changed: [] } } };
        }),
      },
    }),
  },
};

/** A machine that does something to its input before it begins. */
function beforeFollowing(
  act: (input: Parameters<typeof followerReplicaMachine.getInitialSnapshot>[1]) => void,
) {
  const machine = followerReplicaMachine.provide({});
  const begin = machine.getInitialSnapshot.bind(machine);
  machine.getInitialSnapshot = (scope, input) => {
    act(input);
    return begin(scope, input);
  };
  return machine;
}

const m13: Mutant = {
  name: 'M13',
  what: 'a follower cuts its log to its own high watermark before it fetches (F1, KIP-101)',
  machines: {
    followerReplica: beforeFollowing((input) => {
      if (input !== undefined && input.highWatermark < input.log.logEndOffset)
        input.log.truncateTo(Math.max(input.log.logStartOffset, input.highWatermark));
    }),
  },
};

export const replicationMutants: readonly Mutant[] = [m9, m10, m13];
