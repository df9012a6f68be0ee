// The map's table: a column for each node where there is room, else each partition with its replicas side by side.

import { type ReplicaFacts, replicaKey, type World } from '@odradek/trace';
import { useRef } from 'preact/hooks';
import { route } from '../app/routes.ts';
import type { View } from '../console/console.ts';
import { BrokerHead, NodeChip } from './broker-head.tsx';
import type { Column } from './columns.ts';
import { Legend } from './legend.tsx';
import { MessageBand } from './message-band.tsx';
import { PartitionHead } from './partition-head.tsx';
import { Rates } from './rates.ts';
import { ReplicaCell } from './replica-cell.tsx';
import type { Row } from './rows.ts';
import { type SharedEnd, type StripWindow, sharedEndOf, windowOf } from './strip.ts';
import { squareWidth } from './strip-view.tsx';

const headWidth = 168;
/** Clients stand before the first column. */
const clientsAt = 60;
const leastColumn = 125;
const cellPadding = 24;
/** More nodes than these are listed in few words each. */
const mostNodes = 8;

export interface MapGridProps {
  readonly view: View;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly width: number;
}

/** A row with what all its cells share. */
interface DrawnRow {
  readonly row: Row;
  readonly window: StripWindow;
  readonly shared: SharedEnd;
}

export function MapGrid({ view, columns, rows, width }: MapGridProps) {
  const rates = useRef(new Rates());
  const columnWidth = (width - headWidth) / Math.max(1, columns.length);
  const isTable = columnWidth >= leastColumn;
  const room = isTable ? columnWidth : Math.min(width, 320);
  const squares = Math.max(12, Math.floor((room - cellPadding) / squareWidth));
  const drawn = rows.map((row) => drawnRow(row, view.world, squares, rates.current));
  const recordsPerSquare = Math.max(1, ...drawn.map(({ window }) => window.recordsPerSquare));
  return (
    <>
      <Legend recordsPerSquare={recordsPerSquare} />
      {isTable ? (
        <Table view={view} columns={columns} rows={drawn} columnWidth={columnWidth} width={width} />
      ) : (
        <List view={view} columns={columns} rows={drawn} />
      )}
    </>
  );
}

function drawnRow(row: Row, world: World, squares: number, rates: Rates): DrawnRow {
  const replicas = row.replicas.flatMap((broker): ReplicaFacts[] => {
    const found = world.replicas.get(replicaKey({ broker, topic: row.topic, partition: row.partition }));
    return found === undefined ? [] : [found];
  });
  const end = Math.max(0, ...replicas.map(({ logEndOffset }) => logEndOffset));
  const rate = rates.perSecond(row.name, end, world.timeMs);
  return {
    row,
    window: windowOf(replicas, squares, rate),
    shared: sharedEndOf(replicas, row),
  };
}

interface TableProps extends Omit<MapGridProps, 'rows'> {
  readonly rows: readonly DrawnRow[];
  readonly columnWidth: number;
}

function Table({ view, columns, rows, columnWidth, width }: TableProps) {
  const middles = new Map<number | 'client', number>(
    columns.map(({ id }, index) => [id, headWidth + columnWidth * (index + 0.5) - cellPadding / 2]),
  );
  middles.set('client', clientsAt);
  return (
    <>
      <MessageBand
        world={view.world}
        timeMs={view.timeMs}
        isNow={view.isNow}
        middles={middles}
        width={width}
      />
      <table class="map">
        <caption class="unseen">
          Brokers are columns, partitions are rows; each cell is a replica’s log.
        </caption>
        <colgroup>
          <col style={{ width: `${headWidth}px` }} />
          {columns.map(({ id }) => (
            <col key={id} style={{ width: `${columnWidth}px` }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <td />
            {columns.map((column) => (
              <th key={column.id} scope="col">
                <BrokerHead column={column} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((drawn) => (
            <tr key={drawn.row.name} class={isNamed(drawn.row) ? 'named' : undefined}>
              <th scope="row">
                <PartitionHead row={drawn.row} />
              </th>
              {columns.map(({ id, isHeard }) => (
                <td key={id}>
                  {drawn.row.replicas.includes(id) && (
                    <ReplicaCell world={view.world} broker={id} isHeard={isHeard} {...drawn} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function List({ view, columns, rows }: Pick<TableProps, 'view' | 'columns' | 'rows'>) {
  return (
    <>
      <ul class={columns.length > mostNodes ? 'nodes many' : 'nodes'} aria-label="Nodes">
        {columns.map((column) => (
          <li key={column.id}>
            {columns.length > mostNodes ? <NodeChip column={column} /> : <BrokerHead column={column} />}
          </li>
        ))}
      </ul>
      <ul class="partitions" aria-label="Partitions">
        {rows.map((drawn) => (
          <li key={drawn.row.name} class={isNamed(drawn.row) ? 'named' : undefined}>
            <PartitionHead row={drawn.row} />
            <ul class="replicas">
              {drawn.row.replicas.map((broker) => (
                <li key={broker}>
                  <p class="of faint small">broker {broker}</p>
                  <ReplicaCell
                    world={view.world}
                    broker={broker}
                    isHeard={columns.some(({ id, isHeard }) => id === broker && isHeard)}
                    {...drawn}
                  />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A sentence of the story leads here with the partition's name. */
function isNamed({ name }: Row): boolean {
  return route.value.query.get('at') === name;
}
