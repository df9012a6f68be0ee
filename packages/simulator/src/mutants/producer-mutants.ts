// What a replica remembers of producers made a little wrong (P1, P2).

import { BatchView, buildBatch, readRecords } from '@odradek/format';
import { type Offset, type ReplicatedLog, truncationTarget } from '@odradek/model';
import { followerReplicaMachine, leaderReplicaMachine } from '@odradek/replication';
import type { Mutant } from '../mutant.ts';

interface Place {
  readonly firstOffset: Offset;
  readonly lastOffset: Offset;
}

/** Batches that were cut away, and are remembered where they had been; by log, so for one life of a broker. */
const cutAway = new WeakMap<ReplicatedLog, Map<string, Place>>();

function nameOf({ producerId, producerEpoch, baseSequence }: BatchView): string {
  return `${producerId} ${producerEpoch} ${baseSequence}`;
}

function rememberFrom(log: ReplicatedLog, fromOffset: Offset): void {
  const places = cutAway.get(log) ?? new Map<string, Place>();
  cutAway.set(log, places);
  const start = Math.max(fromOffset, log.logStartOffset);
  const read = log.read(start, { upToOffset: log.logEndOffset, maxBytes: Number.MAX_SAFE_INTEGER });
  if (read.outcome !== 'records') return;
  for (const bytes of read.records) {
    const batch = new BatchView(bytes);
    if (batch.producerId < 0 || batch.baseOffset < start) continue;
    places.set(nameOf(batch), { firstOffset: batch.baseOffset, lastOffset: batch.lastOffset });
  }
}

const m24: Mutant = {
  name: 'M24',
  what: 'what is known of producers is not made anew when the log is cut (F5, P2)',
  machines: {
    followerReplica: followerReplicaMachine.provide({
      actions: {
        'cut to divergence point': ({ context: { log, highWatermark }, event }) => {
          const diverging = event.type === 'fetch answered' ? event.fetch.answer.diverging : null;
          if (diverging === null) return;
          const { offset } = truncationTarget(log.epochs, log.logEndOffset, diverging);
          const endOffset = Math.max(offset, log.logStartOffset);
          rememberFrom(log, endOffset);
          log.truncateTo(endOffset);
          highWatermark.offset = Math.min(highWatermark.offset, log.logEndOffset);
        },
      },
    }),
    leaderReplica: leaderReplicaMachine.provide({
      actions: {
        'append batches': ({ context: { log, registration }, event }) => {
          if (event.type !== 'produce') return;
          const { batches, answer } = event.request;
          const options = { ...event.request.options, leaderEpoch: registration.leaderEpoch };
          const results = batches.map((batch) => {
            const place = cutAway.get(log)?.get(nameOf(new BatchView(batch)));
            return place === undefined
              ? log.appendAsLeader(batch, options)
              : ({ outcome: 'duplicate', ...place } as const);
          });
          answer(results);
        },
      },
    }),
  },
};

const ml6: Mutant = {
  name: 'ML6',
  what: 'a batch that is refused is appended all the same (L6)',
  machines: {
    leaderReplica: leaderReplicaMachine.provide({
      actions: {
        'refuse batches': ({ context: { log, registration }, event }) => {
          if (event.type !== 'produce') return;
          const { batches, answer } = event.request;
          const options = { ...event.request.options, leaderEpoch: registration.leaderEpoch };
          log.appendTogetherAsLeader(batches, options);
          const message = 'too few replicas are in sync';
          answer(batches.map(() => ({ outcome: 'refused', error: 'NOT_ENOUGH_REPLICAS', message })));
        },
      },
    }),
  },
};

/** The same records, of no producer. */
function nameless(batch: Uint8Array): Uint8Array {
  return buildBatch({ records: [...readRecords(new BatchView(batch))] });
}

const mp1: Mutant = {
  name: 'MP1',
  what: 'a batch that is there already, or comes too late, is appended once more (P1)',
  machines: {
    leaderReplica: leaderReplicaMachine.provide({
      actions: {
        'append batches': ({ context: { log, registration }, event }) => {
          if (event.type !== 'produce') return;
          const { batches, answer } = event.request;
          const options = { ...event.request.options, leaderEpoch: registration.leaderEpoch };
          answer(
            batches.map((batch) => {
              const result = log.appendAsLeader(batch, options);
              const isOld = result.outcome === 'refused' && result.error === 'OUT_OF_ORDER_SEQUENCE_NUMBER';
              return isOld || result.outcome === 'duplicate'
                ? log.appendAsLeader(nameless(batch), options)
                : result;
            }),
          );
        },
      },
    }),
  },
};

export const producerMutants: readonly Mutant[] = [m24, ml6, mp1];
