// Replication made a little wrong: the leader's and the follower's role, and the partition that gives them.

import { nodeMachines } from '@odradek/core';
import {
  followerReplicaMachine,
  hasFetched,
  type LeaderContext,
  laggards,
  leaderReplicaMachine,
  proposed,
} from '@odradek/replication';
import { assign } from 'xstate';
import type { Mutant } from '../mutant.ts';

const { partition } = nodeMachines;

/** I3 with some of its conditions left out. */
function joiningIf(holds: (context: LeaderContext, end: number) => boolean): NonNullable<Mutant['machines']> {
  const leaderReplica = leaderReplicaMachine.provide({
    guards: {
      'follower may join': ({ context, event }) => {
        if (event.type !== 'follower progressed') return false;
        const { registration, followers, host } = context;
        const progress = followers.get(event.brokerId);
        return (
          progress !== undefined &&
          hasFetched(progress) &&
          !registration.inSyncReplicas.includes(event.brokerId) &&
          host.isEligible(event.brokerId) &&
          progress.brokerEpoch === host.brokerEpochOf(event.brokerId) &&
          holds(context, progress.endOffset)
        );
      },
    },
  });
  return { leaderReplica };
}

const m2: Mutant = {
  name: 'M2',
  what: 'a follower joins the in-sync set although it has not got all that is committed (I3)',
  machines: joiningIf((context, end) => end >= context.leaderEpochStart),
};

const m3: Mutant = {
  name: 'M3',
  what: 'a follower joins although it ends before the leader epoch began, below which more may be committed than the leader knows (I3)',
  machines: joiningIf((context, end) => end >= context.highWatermark.offset),
};

const m6: Mutant = {
  name: 'M6',
  what: 'an answer is applied although the leader epoch is another one than when it was asked for (F3)',
  machines: {
    followerReplica: followerReplicaMachine.provide({
      guards: {
        'replica has moved on': ({ context, event }) =>
          event.type === 'fetch answered' && event.fetch.asked.fetchOffset !== context.log.logEndOffset,
        'brings records here': () => false,
      },
    }),
  },
};

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

const m11: Mutant = {
  name: 'M11',
  what: 'a replica is out of the in-sync set as soon as its leader proposes it (L5)',
  machines: {
    leaderReplica: leaderReplicaMachine.provide({
      actions: {
        'propose shrinking': assign(({ context }) => {
          const gone = laggards(context);
          const { registration } = context;
          const inSyncReplicas = registration.inSyncReplicas.filter((replica) => !gone.includes(replica));
          return { ...proposed(context, 'shrink', gone), registration: { ...registration, inSyncReplicas } };
        }),
      },
    }),
  },
};

export const replicationMutants: readonly Mutant[] = [m2, m3, m6, m9, m10, m11, m13];
