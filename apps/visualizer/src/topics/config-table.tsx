// The settings of a topic: what is set here, what is the cluster's, what is by default; and changing them.

import type { Client, ConfigEntry } from '@odradek/client';
import { useEffect, useState } from 'preact/hooks';
import { sayHow } from '../ui/outcome.tsx';
import { Scroll } from '../ui/scroll.tsx';

export interface ConfigTableProps {
  readonly client: Client;
  readonly topic: string;
  /** Why nothing may be changed; undefined when it may. */
  readonly readOnly: string | undefined;
}

export function ConfigTable({ client, topic, readOnly }: ConfigTableProps) {
  const [entries, setEntries] = useState<readonly ConfigEntry[]>([]);
  const [problem, setProblem] = useState('');
  const [edited, setEdited] = useState<string>();
  const ask = (): void => {
    client
      .admin()
      .describeConfigs(topic)
      .then(setEntries, (error: unknown) =>
        setProblem(error instanceof Error ? error.message : String(error)),
      );
  };
  useEffect(ask, [client, topic]);
  const change = async (name: string, value: string | null): Promise<void> => {
    setEdited(undefined);
    await sayHow(client.admin().alterConfig(topic, { [name]: value }), () =>
      value === null ? `${name} is what it is by default again.` : `${name} is ${value}.`,
    );
    ask();
  };
  if (problem !== '') return <p class="soft">The settings could not be asked for: {problem}</p>;
  return (
    <section aria-label="Configuration" class="stack">
      <h2>Configuration</h2>
      <Scroll label="Settings">
        <table>
          <thead>
            <tr>
              <th scope="col">setting</th>
              <th scope="col">value</th>
              <th scope="col">from</th>
              <th scope="col">
                <span class="unseen">change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.name} data-setting={entry.name}>
                <th scope="row" class="mono" title={entry.documentation}>
                  {entry.name}
                </th>
                <td class="mono">
                  {edited === entry.name ? (
                    <ConfigEdit entry={entry} onSet={(value) => void change(entry.name, value)} />
                  ) : (
                    (entry.value ?? '')
                  )}
                </td>
                <td>
                  <Origin source={entry.source} />
                </td>
                <td>
                  {readOnly === undefined && !entry.isReadOnly && edited !== entry.name && (
                    <button type="button" class="plain small" onClick={() => setEdited(entry.name)}>
                      Change<span class="unseen"> {entry.name}</span>
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="command">
        <code>odradek topic alter {topic} --set NAME=VALUE --unset NAME</code>
      </p>
    </section>
  );
}

/** Where a value comes from, by Kafka's names for it. */
const origins: Readonly<Record<string, string>> = {
  DYNAMIC_TOPIC_CONFIG: 'this topic',
  DYNAMIC_BROKER_CONFIG: 'the broker',
  DYNAMIC_DEFAULT_BROKER_CONFIG: 'all brokers',
  STATIC_BROKER_CONFIG: 'the broker’s file',
  DEFAULT_CONFIG: 'default',
};

function Origin({ source }: { readonly source: string }) {
  const isDefault = source === 'DEFAULT_CONFIG';
  return (
    <span class={isDefault ? 'faint small' : 'tag accent'} title={source}>
      {origins[source] ?? source}
    </span>
  );
}

interface ConfigEditProps {
  readonly entry: ConfigEntry;
  readonly onSet: (value: string | null) => void;
}

function ConfigEdit({ entry, onSet }: ConfigEditProps) {
  const [value, setValue] = useState(entry.value ?? '');
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        onSet(value);
      }}
    >
      <input aria-label={entry.name} value={value} onInput={(event) => setValue(event.currentTarget.value)} />
      <button type="submit" class="primary">
        Set
      </button>
      <button type="button" onClick={() => onSet(null)}>
        By default
      </button>
    </form>
  );
}
