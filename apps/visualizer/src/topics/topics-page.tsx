// Daily work: topics and what is in them, brokers and their disks.

import { NothingYet } from '../app/empty.tsx';
import { route } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { LossList } from '../map/losses.tsx';
import { BrokersTable } from './brokers-table.tsx';
import { TopicDetail } from './topic-detail.tsx';
import { TopicList } from './topic-list.tsx';

export function TopicsPage() {
  const { world } = useConsole().view.value;
  const { losses } = world;
  const [name] = route.value.rest;
  if (world.brokers.size === 0) return <NothingYet what="topic" />;
  if (name !== undefined) return <TopicDetail key={name} name={name} />;
  return (
    <>
      <TopicList />
      <BrokersTable />
      <section aria-label="Losses" class="section">
        <h2>Losses</h2>
        {losses.length === 0 ? (
          <p class="soft">No unclean election has given up a committed record.</p>
        ) : (
          <LossList losses={losses} />
        )}
        <p class="command">
          <code>odradek cluster status</code>
        </p>
      </section>
      <section aria-label="Groups" class="section">
        <h2>Consumer groups</h2>
        <p class="soft">
          Groups have no place in this cluster yet: consumers are assigned their partitions by hand.
        </p>
      </section>
    </>
  );
}
