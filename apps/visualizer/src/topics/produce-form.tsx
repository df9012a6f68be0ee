// A record by hand.

import type { Client, Producer } from '@odradek/client';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { sayHow } from '../ui/outcome.tsx';
import { produceCommand } from './commands.ts';
import { headersIn } from './headers-in.ts';

export interface ProduceFormProps {
  readonly client: Client;
  readonly topic: string;
  readonly partition: number | undefined;
}

export function ProduceForm({ client, topic, partition }: ProduceFormProps) {
  const producer = useMemo<Producer>(() => client.producer({ deliveryTimeoutMs: 20_000 }), [client]);
  useEffect(() => () => void producer.close(), [producer]);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const [headers, setHeaders] = useState('');
  const command = produceCommand({ topic, partition, key, value, headers: headersIn(headers) });
  const send = async (): Promise<void> => {
    await sayHow(
      producer.send({
        topic,
        key: key === '' ? null : key,
        value,
        headers: headersIn(headers),
        ...(partition === undefined ? {} : { partition }),
      }),
      (place) => `It is at offset ${place.offset} of ${place.topic}-${place.partition}, for ever.`,
    );
  };
  return (
    <section aria-label="Produce" class="stack">
      <h2>Produce</h2>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <div class="row">
          <label class="field">
            Key (empty: none)
            <input value={key} onInput={(event) => setKey(event.currentTarget.value)} />
          </label>
          <label class="field">
            Headers (name=value, …)
            <input value={headers} onInput={(event) => setHeaders(event.currentTarget.value)} />
          </label>
        </div>
        <label class="field">
          Value
          <textarea value={value} onInput={(event) => setValue(event.currentTarget.value)} />
        </label>
        <div class="row">
          <button type="submit" class="primary">
            Produce with acks=all
          </button>
          <p class="command">
            {command === undefined ? (
              'On the terminal each line would be a record of its own.'
            ) : (
              <code>{command}</code>
            )}
          </p>
        </div>
      </form>
    </section>
  );
}
