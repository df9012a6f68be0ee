// Replication made a little wrong: the leader's and the follower's role, and the partition that gives them.

import { nodeMachines } from '@odradek/core';
import { partitionOf } from '@odradek/model';
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
import { beforeFollowing, leadingWith } from './replica-machines.ts';

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

/** Where the epochs of leaders began that are to take it for nothing. */
const epochStarts = new WeakMap<LeaderContext['followers'], number>();

/** The role's face asks I3 itself before it troubles the machine, so it is the start in the context that is forgotten; L8 is kept. */
function forgettingEpochStart(): typeof leaderReplicaMachine {
  const machine = leaderReplicaMachine.provide({
    guards: {
      'epoch start is committed': ({ context }) =>
        context.highWatermark.offset >= (epochStarts.get(context.followers) ?? 0),
    },
  });
  const begin = machine.getInitialSnapshot.bind(machine);
  machine.getInitialSnapshot = (scope, input) => {
    const snapshot = begin(scope, input);
    epochStarts.set(snapshot.context.followers, snapshot.context.leaderEpochStart);
    return { ...snapshot, context: { ...snapshot.context, leaderEpochStart: 0 } };
  };
  return machine;
}

const m3: Mutant = {
  name: 'M3',
  what: 'a follower joins although it ends before the leader epoch began, below which more may be committed than the leader knows (I3)',
  machines: { leaderReplica: forgettingEpochStart() },
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

const m13: Mutant = {
  name: 'M13',
  what: 'a follower cuts its log to its own high watermark before it fetches (F1, KIP-101)',
  machines: {
    followerReplica: beforeFollowing((input) => {
      if (input.highWatermark < input.log.logEndOffset)
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

const m7: Mutant = {
  name: 'M7',
  what: 'an answer is applied although the log ends elsewhere than when it was asked for (F3)',
  machines: {
    followerReplica: followerReplicaMachine.provide({
      guards: {
        'replica has moved on': ({ context, event }) =>
          event.type === 'fetch answered' &&
          event.fetch.asked.currentLeaderEpoch !== context.registration.leaderEpoch,
        'brings records here': () => false,
      },
    }),
  },
};

/** What the topics say, of leaders that are to forget it. */
const demanded = new WeakMap<LeaderContext['host'], number>();

const m12: Mutant = {
  name: 'M12',
  what: 'the high watermark moves although fewer are in sync than min.insync.replicas (L3)',
  machines: {
    leaderReplica: leadingWith(
      (input) => {
        demanded.set(input.host, input.settings.minInSyncReplicas);
        return { ...input, settings: { ...input.settings, minInSyncReplicas: 1 } };
      },
      leaderReplicaMachine.provide({
        guards: {
          'too few are in sync': ({ context, event }) =>
            event.type === 'produce' &&
            event.request.acks === 'all' &&
            context.registration.inSyncReplicas.length < (demanded.get(context.host) ?? 1),
        },
        actions: { 'adopt settings': () => {} },
      }),
    ),
  },
};

const m14: Mutant = {
  name: 'M14',
  what: "a follower takes the end of the leader's epoch for one of its own, whichever epoch that end is of (F3, KIP-279)",
  machines: {
    followerReplica: followerReplicaMachine.provide({
      actions: {
        'cut to divergence point': ({ context, event }) => {
          const diverging = event.type === 'fetch answered' ? event.fetch.answer.diverging : null;
          const { log, highWatermark } = context;
          if (diverging === null) return;
          log.truncateTo(Math.max(log.logStartOffset, Math.min(diverging.endOffset, log.logEndOffset)));
          highWatermark.offset = Math.min(highWatermark.offset, log.logEndOffset);
        },
      },
    }),
  },
};

const m15: Mutant = {
  name: 'M15',
  what: 'the high watermark of an answer by which logs part is taken (F3, KAFKA-14704)',
  machines: {
    followerReplica: followerReplicaMachine.provide({
      actions: {
        // It comes right after the cut.
        'fetch on': ({ context, event }) => {
          if (event.type !== 'fetch answered') return;
          const { answer, next } = event.fetch;
          const { log, highWatermark } = context;
          if (answer.diverging !== null)
            highWatermark.offset = Math.max(
              log.logStartOffset,
              Math.min(answer.highWatermark, log.logEndOffset),
            );
          next('fetch on');
        },
      },
    }),
  },
};

const m16: Mutant = {
  name: 'M16',
  what: 'a leader takes a fetch of another leader epoch for one of its own (L9)',
  requests: (request, image) => {
    if (request.api !== 'fetchReplicas') return request;
    const partitions = request.body.partitions.map((part) => ({
      ...part,
      currentLeaderEpoch:
        partitionOf(image, part.topicId, part.partition)?.leaderEpoch ?? part.currentLeaderEpoch,
    }));
    return { ...request, body: { ...request.body, partitions } };
  },
};

const m23: Mutant = {
  name: 'M23',
  what: 'a batch that was there already is acknowledged before it is committed (L6, V31)',
  machines: {
    leaderReplica: leaderReplicaMachine.provide({
      actions: {
        'append batches': ({ context, event }) => {
          if (event.type !== 'produce') return;
          const { log, registration, highWatermark } = context;
          const { batches, answer } = event.request;
          const options = { ...event.request.options, leaderEpoch: registration.leaderEpoch };
          const lastOffset = highWatermark.offset - 1;
          const results = batches.map((batch) => log.appendAsLeader(batch, options));
          answer(
            results.map((result) => (result.outcome === 'duplicate' ? { ...result, lastOffset } : result)),
          );
        },
      },
    }),
  },
};

const surelyNotMade: readonly string[] = ['OPERATION_NOT_ATTEMPTED', 'INELIGIBLE_REPLICA'];

const m28: Mutant = {
  name: 'M28',
  what: 'a proposal that was not answered counts as not made (I5)',
  machines: {
    leaderReplica: leaderReplicaMachine.provide({
      guards: {
        'change is surely not made': ({ event }) =>
          event.type === 'proposal answered' &&
          (event.result.outcome === 'no answer' || surelyNotMade.includes(event.result.error)),
      },
    }),
  },
};

export const replicationMutants: readonly Mutant[] = [
  m2,
  m3,
  m6,
  m7,
  m9,
  m10,
  m11,
  m12,
  m13,
  m14,
  m15,
  m16,
  m23,
  m28,
];
