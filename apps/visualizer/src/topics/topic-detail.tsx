// One topic: its partitions, its records, its settings.

import { numberText, type PartitionFacts, replicaKey, type TopicFacts } from '@odradek/trace';
import { useState } from 'preact/hooks';
import { addressOf, goTo, route } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { whyNotChange } from '../break/permission.ts';
import { conditionOf, conditionSigns, conditionWords } from '../map/rows.ts';
import { Dialog } from '../ui/dialog.tsx';
import { sayHow } from '../ui/outcome.tsx';
import { type Heading, Table } from '../ui/table.tsx';
import { bytesText } from './bytes-text.ts';
import { ConfigTable } from './config-table.tsx';
import { ProduceForm } from './produce-form.tsx';
import { Records } from './records.tsx';
import { useClient } from './use-client.ts';

export function TopicDetail({ name }: { readonly name: string }) {
  const console = useConsole();
  const view = console.view.value;
  const client = useClient();
  const topic = view.world.topics.get(name);
  const asked = route.value.query.get('partition');
  const partition = asked === null ? undefined : Number(asked);
  const readOnly = whyNotChange(console.source, view);
  if (topic === undefined)
    return (
      <p class="empty soft">
        There is no topic {name} at this moment. <a href={addressOf('topics')}>All topics</a>
      </p>
    );
  return (
    <div class="stack topic">
      <div class="title">
        <h1>
          <a href={addressOf('topics')}>Topics</a> <span class="faint">/</span> {name}
        </h1>
        <p class="command">
          <code>odradek topic describe {name}</code>
        </p>
        {readOnly === undefined && <DeleteTopic name={name} />}
      </div>
      <Partitions topic={topic} picked={partition} />
      {client === undefined ? (
        <p class="soft">{readOnly}</p>
      ) : (
        <>
          <Records client={client} topic={name} partitions={topic.partitions.length} partition={partition} />
          {readOnly === undefined ? (
            <ProduceForm client={client} topic={name} partition={partition} />
          ) : (
            <p class="tag care">{readOnly}</p>
          )}
          <ConfigTable client={client} topic={name} readOnly={readOnly} />
          {readOnly === undefined && <MorePartitions topic={topic} />}
        </>
      )}
    </div>
  );
}

/** Ten thousand rows would be drawn anew for each frame. */
const partitionsAtOnce = 100;

const headings: readonly Heading[] = [
  { title: 'partition' },
  { title: 'condition' },
  { title: 'leader' },
  { title: 'epoch', isNumber: true },
  { title: 'replicas' },
  { title: 'in sync' },
  { title: 'start', isNumber: true },
  { title: 'high watermark', isNumber: true },
  { title: 'size', isNumber: true },
];

interface PartitionsProps {
  readonly topic: TopicFacts;
  readonly picked: number | undefined;
}

function Partitions({ topic, picked }: PartitionsProps) {
  // The one that is picked is among them.
  const [most, setMost] = useState(Math.max(partitionsAtOnce, (picked ?? 0) + 1));
  return (
    <section aria-label="Partitions">
      <Table label="Partitions" headings={headings}>
        {topic.partitions.slice(0, most).map((facts) => (
          <PartitionRow
            key={facts.partition}
            topic={topic.name}
            facts={facts}
            isPicked={facts.partition === picked}
          />
        ))}
      </Table>
      {topic.partitions.length > most && (
        <button type="button" onClick={() => setMost(most + partitionsAtOnce)}>
          {numberText(topic.partitions.length - most)} more
        </button>
      )}
      <p class="faint small">
        {picked === undefined
          ? 'A partition that is picked is the one that is read and written below.'
          : `Partition ${picked} is the one that is read and written below.`}
      </p>
    </section>
  );
}

interface PartitionRowProps {
  readonly topic: string;
  readonly facts: PartitionFacts;
  readonly isPicked: boolean;
}

function PartitionRow({ topic, facts, isPicked }: PartitionRowProps) {
  const { world } = useConsole().view.value;
  const { partition, leader, leaderEpoch, replicas, inSyncReplicas } = facts;
  const condition = conditionOf(facts);
  const replica = world.replicas.get(replicaKey({ broker: leader, topic, partition }));
  const query = isPicked ? {} : { partition: String(partition) };
  return (
    <tr class={isPicked ? 'named' : undefined}>
      <th scope="row">
        <a href={addressOf('topics', [topic], query)} aria-current={isPicked ? 'true' : undefined}>
          {partition}
        </a>
      </th>
      <td class={`sum ${condition}`}>
        <span aria-hidden="true">{conditionSigns[condition]}</span> {conditionWords[condition]}
      </td>
      <td>{leader < 0 ? 'nobody' : leader}</td>
      <td class="number">{leaderEpoch}</td>
      <td>{replicas.join(', ')}</td>
      <td>{inSyncReplicas.join(', ') || 'nobody'}</td>
      <td class="number">{replica?.logStartOffset}</td>
      <td class="number">{replica?.highWatermark}</td>
      <td class="number">{replica?.sizeInBytes === undefined ? '' : bytesText(replica.sizeInBytes)}</td>
    </tr>
  );
}

function MorePartitions({ topic: { name, partitions } }: { readonly topic: TopicFacts }) {
  const client = useClient();
  const [count, setCount] = useState(String(partitions.length + 1));
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        const adding = client?.admin().createPartitions(name, Number(count));
        if (adding !== undefined) void sayHow(adding, () => `${name} has ${count} partitions now.`);
      }}
    >
      <label class="field">
        Partitions, more than {partitions.length}
        <input
          type="number"
          min={partitions.length + 1}
          value={count}
          onInput={(event) => setCount(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Add partitions</button>
      <p class="command">
        <code>
          odradek topic alter {name} --partitions {count}
        </code>
      </p>
    </form>
  );
}

function DeleteTopic({ name }: { readonly name: string }) {
  const client = useClient();
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const remove = async (): Promise<void> => {
    const removing = client?.admin().deleteTopic(name);
    if (removing === undefined) return;
    setIsOpen(false);
    await sayHow(removing, () => `There is no topic ${name} any more.`);
    goTo(addressOf('topics'));
  };
  return (
    <>
      <button type="button" class="danger" onClick={() => setIsOpen(true)}>
        Delete topic
      </button>
      {isOpen && (
        <Dialog title={`Delete ${name}, with all its records?`} onClose={() => setIsOpen(false)}>
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              void remove();
            }}
          >
            <label class="field">
              Nothing brings them back. Write the topic’s name to go on.
              <input value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
            </label>
            <div class="row">
              <button type="submit" class="danger" disabled={typed !== name}>
                Delete {name}
              </button>
              <p class="command">
                <code>odradek topic delete {name}</code>
              </p>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
