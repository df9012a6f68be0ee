// Brokers: what each leads and keeps, and how much of its disk that takes.

import type { World } from '@odradek/trace';
import { useConsole } from '../app/the-console.ts';
import { columnsOf } from '../map/columns.ts';
import { type Heading, Table } from '../ui/table.tsx';
import { bytesText } from './bytes-text.ts';

interface BrokerSum {
  leads: number;
  keeps: number;
  outOfSync: number;
  /** Undefined: nobody tells how much. */
  bytes: number | undefined;
}

const headings: readonly Heading[] = [
  { title: 'broker' },
  { title: 'state' },
  { title: 'address' },
  { title: 'leads', isNumber: true },
  { title: 'keeps', isNumber: true },
  { title: 'out of sync', isNumber: true },
  { title: 'on disk', isNumber: true },
];

export function BrokersTable() {
  const { world, isConnected } = useConsole().view.value;
  const sums = sumsOf(world);
  const brokers = columnsOf(world, isConnected).filter(({ state }) => state !== '');
  return (
    <section aria-label="Brokers" class="section">
      <h2>Brokers</h2>
      <Table label="Brokers" headings={headings}>
        {brokers.map(({ id, state, address }) => {
          const { leads, keeps, outOfSync, bytes } = sums.get(id) ?? none;
          return (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td>{state}</td>
              <td class="mono">{address}</td>
              <td class="number">{leads}</td>
              <td class="number">{keeps}</td>
              <td class="number">{outOfSync}</td>
              <td class="number">{bytes === undefined ? '–' : bytesText(bytes)}</td>
            </tr>
          );
        })}
      </Table>
      <p class="command">
        <code>odradek cluster status</code>
      </p>
    </section>
  );
}

const none: BrokerSum = { leads: 0, keeps: 0, outOfSync: 0, bytes: 0 };

function sumsOf(world: World): Map<number, BrokerSum> {
  const sums = new Map<number, BrokerSum>();
  const sumOf = (id: number): BrokerSum => {
    const known = sums.get(id) ?? { ...none };
    sums.set(id, known);
    return known;
  };
  for (const { partitions } of world.topics.values())
    for (const { leader, replicas, inSyncReplicas } of partitions) {
      if (leader >= 0) sumOf(leader).leads += 1;
      for (const id of replicas) {
        sumOf(id).keeps += 1;
        if (!inSyncReplicas.includes(id)) sumOf(id).outOfSync += 1;
      }
    }
  for (const { broker, sizeInBytes } of world.replicas.values()) {
    const sum = sumOf(broker);
    sum.bytes = sizeInBytes === undefined || sum.bytes === undefined ? undefined : sum.bytes + sizeInBytes;
  }
  return sums;
}
