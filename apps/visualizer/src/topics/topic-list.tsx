// All topics, and a new one.

import type { TopicFacts } from '@odradek/trace';
import { useState } from 'preact/hooks';
import { addressOf, goTo } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { whyNotChange } from '../break/permission.ts';
import { type Condition, conditionOf, conditionSigns, conditions, conditionWords } from '../map/rows.ts';
import { sayHow } from '../ui/outcome.tsx';
import { type Heading, Table } from '../ui/table.tsx';
import { useClient } from './use-client.ts';

const headings: readonly Heading[] = [
  { title: 'topic' },
  { title: 'partitions', isNumber: true },
  { title: 'replicas', isNumber: true },
  { title: 'condition' },
];

/** So many are shown at once. */
const page = 100;

export function TopicList() {
  const console = useConsole();
  const view = console.view.value;
  const [sought, setSought] = useState('');
  const [most, setMost] = useState(page);
  const all = [...view.world.topics.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  const wanted = all.filter(({ name }) => name.toLowerCase().includes(sought.trim().toLowerCase()));
  const readOnly = whyNotChange(console.source, view);
  return (
    <section aria-label="Topics">
      <div class="title">
        <h1>Topics</h1>
        <p class="command">
          <code>odradek topic list</code>
        </p>
      </div>
      <div class="row section-tools">
        <label class="field">
          Find a topic
          <input type="search" value={sought} onInput={(event) => setSought(event.currentTarget.value)} />
        </label>
        {readOnly === undefined ? <CreateTopic /> : <p class="tag care">{readOnly}</p>}
      </div>
      {all.length === 0 && <p class="soft">There is no topic yet.</p>}
      {wanted.length > 0 && (
        <Table label="Topics" headings={headings}>
          {wanted.slice(0, most).map((topic) => (
            <TopicRow key={topic.name} topic={topic} />
          ))}
        </Table>
      )}
      {wanted.length > most && (
        <button type="button" onClick={() => setMost(most + page)}>
          {wanted.length - most} more
        </button>
      )}
    </section>
  );
}

function TopicRow({ topic: { name, partitions } }: { readonly topic: TopicFacts }) {
  const all = partitions.map(conditionOf);
  const worst: Condition = conditions.find((condition) => all.includes(condition)) ?? 'whole';
  return (
    <tr>
      <th scope="row">
        <a href={addressOf('topics', [name])}>{name}</a>
      </th>
      <td class="number">{partitions.length}</td>
      <td class="number">{partitions[0]?.replicas.length ?? 0}</td>
      <td class={`sum ${worst}`}>
        <span aria-hidden="true">{conditionSigns[worst]}</span> {conditionWords[worst]}
      </td>
    </tr>
  );
}

function CreateTopic() {
  const client = useClient();
  const [name, setName] = useState('');
  const [partitions, setPartitions] = useState('3');
  const [replicas, setReplicas] = useState('');
  if (client === undefined) return null;
  const create = async (): Promise<void> => {
    const created = await sayHow(
      client.admin().createTopic({
        name,
        partitions: Number(partitions),
        ...(replicas === '' ? {} : { replicationFactor: Number(replicas) }),
      }),
      () => `There is a topic ${name} now.`,
    );
    if (created !== undefined) goTo(addressOf('topics', [name]));
  };
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <label class="field">
        New topic
        <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label class="field">
        Partitions
        <input
          type="number"
          min={1}
          value={partitions}
          onInput={(event) => setPartitions(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        Replicas (empty: default)
        <input
          type="number"
          min={1}
          value={replicas}
          onInput={(event) => setReplicas(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary">
        Create
      </button>
      <p class="command">
        <code>
          odradek topic create {name || 'NAME'} --partitions {partitions}
        </code>
      </p>
    </form>
  );
}
