// One replica: its role, whether it is in sync, its strip, its numbers.

import { type ReplicaFacts, replicaKey, type World } from '@odradek/trace';
import { addressOf } from '../app/routes.ts';
import { glossary } from '../glossary/words.ts';
import type { Row } from './rows.ts';
import type { SharedEnd, StripWindow } from './strip.ts';
import { StripView } from './strip-view.tsx';

export interface ReplicaCellProps {
  readonly world: World;
  readonly row: Row;
  readonly broker: number;
  /** Whether what was told of it last may still be so. */
  readonly isHeard: boolean;
  readonly window: StripWindow;
  readonly shared: SharedEnd;
}

export function ReplicaCell({ world, row, broker, isHeard, window, shared }: ReplicaCellProps) {
  const replica = world.replicas.get(replicaKey({ broker, topic: row.topic, partition: row.partition }));
  const isLast = !world.brokers.has(broker) || !isHeard;
  return (
    <div
      class={`replica${isLast ? ' down' : ''}`}
      title={isLast ? 'As it was when the broker was last heard' : undefined}
      data-replica={`${broker}/${row.name}`}
    >
      <div class="role">
        <Role row={row} broker={broker} />
        <InSync row={row} broker={broker} />
      </div>
      {replica === undefined ? (
        <p class="faint small">nothing told of its log yet</p>
      ) : (
        <>
          <StripView replica={replica} shared={shared} window={window} />
          <Numbers replica={replica} />
        </>
      )}
    </div>
  );
}

function Role({ row, broker }: { readonly row: Row; readonly broker: number }) {
  const isLeader = row.leader === broker;
  const machine = isLeader ? 'leader-replica' : 'follower-replica';
  return (
    <a
      class={isLeader ? 'leads' : 'follows'}
      href={addressOf('machines', [machine], { actor: `broker-${broker}/${row.name}/replica` })}
      title="See its machine"
    >
      {isLeader ? '★ leader' : 'follower'}
    </a>
  );
}

function InSync({ row, broker }: { readonly row: Row; readonly broker: number }) {
  if (row.inSyncReplicas.includes(broker)) return <span class="sync">✓ in sync</span>;
  if (row.eligibleLeaderReplicas.includes(broker))
    return (
      <span class="sync out" title={glossary.eligible}>
        ◑ eligible
      </span>
    );
  return <span class="sync out">✕ out of sync</span>;
}

function Numbers({ replica }: { readonly replica: ReplicaFacts }) {
  const { highWatermark, logEndOffset, logStartOffset } = replica;
  return (
    <p class="numbers">
      <span title="high watermark: below it every record is committed">
        HW <b data-fact="high watermark">{highWatermark}</b>
      </span>
      <span title="log end: the offset that the next record will get">
        end <b data-fact="log end">{logEndOffset}</b>
      </span>
      {logStartOffset > 0 && <span>start {logStartOffset}</span>}
    </p>
  );
}
