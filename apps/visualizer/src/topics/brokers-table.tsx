// Brokers: what each leads and keeps, and how much of its disk that takes.

import type { World } from '@odradek/trace';
import { useConsole } from '../app/the-console.ts';
import { Scroll } from '../ui/scroll.tsx';
import { bytesText } from './bytes-text.ts';

interface BrokerSum {
  leads: number;
  keeps: number;
  outOfSync: number;
  bytes: number;
}

export function BrokersTable() {
  const { world } = useConsole().view.value;
  const sums = sumsOf(world);
  const brokers = [...world.brokers.values()].sort((one, other) => one.id - other.id);
  return (
    <section aria-label="Brokers" class="section">
      <h2>Brokers</h2>
      <Scroll label="Brokers, as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">broker</th>
              <th scope="col">state</th>
              <th scope="col">address</th>
              <th scope="col" class="number">
                leads
              </th>
              <th scope="col" class="number">
                keeps
              </th>
              <th scope="col" class="number">
                out of sync
              </th>
              <th scope="col" class="number">
                on disk
              </th>
            </tr>
          </thead>
          <tbody>
            {brokers.map(({ id, state, host, port }) => {
              const { leads, keeps, outOfSync, bytes } = sums.get(id) ?? none;
              return (
                <tr key={id}>
                  <th scope="row">{id}</th>
                  <td>{state}</td>
                  <td class="mono">
                    {host}:{port}
                  </td>
                  <td class="number">{leads}</td>
                  <td class="number">{keeps}</td>
                  <td class="number">{outOfSync}</td>
                  <td class="number">{bytesText(bytes)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
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
  for (const { broker, sizeInBytes } of world.replicas.values()) sumOf(broker).bytes += sizeInBytes ?? 0;
  return sums;
}
