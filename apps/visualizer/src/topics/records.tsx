// The records of a topic: from where, which of them, and whether to go on at the end.

import type { Client, ConsumerRecord } from '@odradek/client';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useConsole } from '../app/the-console.ts';
import { columnsOf } from '../map/columns.ts';
import { say } from '../ui/outcome.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { consumeCommand } from './commands.ts';
import { positionOf, type Reading, RecordReader } from './record-reader.ts';
import { type ContentText, contentText } from './record-text.ts';
import { waitsFor } from './waiting.ts';

const most = 200;
/** What is taller is folded: others are there to be seen too. */
const mostLines = 24;

export interface RecordsProps {
  readonly client: Client;
  readonly topic: string;
  readonly partitions: number;
  /** The one partition that is looked at; undefined for all. */
  readonly partition: number | undefined;
}

export function Records({ client, topic, partitions, partition }: RecordsProps) {
  const reader = useMemo(() => new RecordReader(client), [client, topic]);
  useEffect(() => () => void reader.stop(), [reader]);
  const { records, looked, state, reason } = reader.soFar.value;
  const [isFollowing, setIsFollowing] = useState(false);
  const all = Array.from({ length: partitions }, (_, index) => index);
  const read = ({ from, filter, isFollowing: follows }: Wanted): void => {
    setIsFollowing(follows);
    const wanted = partition === undefined ? all : [partition];
    void reader.read({ topic, partitions: wanted, from, filter, most, isFollowing: follows });
  };
  return (
    <section aria-label="Records" class="stack">
      <h2>Records</h2>
      <ReadForm
        topic={topic}
        partition={partition}
        isReading={state === 'reading'}
        onRead={read}
        onStop={() => void reader.stop()}
      />
      <p class="soft small" role="status" data-fact="read">
        {state === 'failed' && `It could not be read: ${reason}`}
        {state === 'idle' && 'Nothing has been read yet.'}
        {(state === 'reading' || state === 'done') && `${records.length} shown of ${looked} looked at`}
        {state === 'reading' && <Waiting topic={topic} partition={partition} />}
      </p>
      {records.length > 0 && <RecordTable records={isFollowing ? records.toReversed() : records} />}
    </section>
  );
}

/** Drawn anew with each frame, which the records are not. */
function Waiting({ topic, partition }: Pick<RecordsProps, 'topic' | 'partition'>) {
  const { recording, state, view } = useConsole();
  view.value;
  // Of now, whatever moment is looked at: it is read now.
  const { now } = recording;
  const columns = columnsOf(now, state.value.value.source !== 'disconnected');
  const partitions = now.topics.get(topic)?.partitions ?? [];
  const wanted = partitions.filter((facts) => partition === undefined || facts.partition === partition);
  return <>, {waitsFor(topic, wanted, columns) ?? 'waiting for more'}</>;
}

type Wanted = Pick<Reading, 'from' | 'filter' | 'isFollowing'>;

interface ReadFormProps extends Pick<RecordsProps, 'topic' | 'partition'> {
  readonly isReading: boolean;
  readonly onRead: (wanted: Wanted) => void;
  readonly onStop: () => void;
}

function ReadForm({ topic, partition, isReading, onRead, onStop }: ReadFormProps) {
  const [from, setFrom] = useState('-50');
  const [filter, setFilter] = useState({ key: '', value: '', header: '' });
  const [isFollowing, setIsFollowing] = useState(false);
  const position = positionOf(from);
  const read = (event: Event): void => {
    event.preventDefault();
    if (position === undefined) say(noPosition(from), true);
    else onRead({ from: position, filter, isFollowing });
  };
  return (
    <form class="stack" onSubmit={read}>
      <div class="row">
        <label class="field">
          From
          <input size={10} value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        {(['key', 'value', 'header'] as const).map((part) => (
          <label key={part} class="field">
            {part} has
            <input
              type="search"
              size={12}
              value={filter[part]}
              onInput={(event) => setFilter({ ...filter, [part]: event.currentTarget.value })}
            />
          </label>
        ))}
        <label class="check">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={(event) => setIsFollowing(event.currentTarget.checked)}
          />
          follow
        </label>
        <button type="submit" class="primary">
          Read
        </button>
        {isReading && (
          <button type="button" onClick={onStop}>
            Stop
          </button>
        )}
      </div>
      <p class="command">
        {position === undefined ? (
          noPosition(from)
        ) : (
          <code>{consumeCommand({ topic, partition, from: position, filter, most, isFollowing })}</code>
        )}
      </p>
    </form>
  );
}

function noPosition(text: string): string {
  return `“${text}” is no position: write earliest, latest, an offset, -N for N before the end, or a time.`;
}

function RecordTable({ records }: { readonly records: readonly ConsumerRecord[] }) {
  return (
    <Scroll label="Records that were read">
      <table class="records">
        <thead>
          <tr>
            <th scope="col">partition</th>
            <th scope="col" class="number">
              offset
            </th>
            <th scope="col">time</th>
            <th scope="col">key</th>
            <th scope="col">value</th>
            <th scope="col">headers</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr key={`${record.partition} ${record.offset}`}>
              <td>{record.partition}</td>
              <td class="number mono">{record.offset}</td>
              <td class="mono small">
                {record.timestamp < 0 ? '' : new Date(record.timestamp).toISOString()}
              </td>
              <td>
                <Content {...contentText(record.key)} />
              </td>
              <td>
                <Content {...contentText(record.value)} />
              </td>
              <td>
                {record.headers.map(({ name, value }) => (
                  <div key={name} class="small">
                    {name}: <Content {...contentText(value)} />
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Content({ kind, text }: ContentText) {
  if (kind === 'none') return <span class="faint small">null</span>;
  if (kind === 'bytes')
    return (
      <span>
        <span class="tag">bytes</span> <code>{text}</code>
      </span>
    );
  if (kind === 'text') return <span class="mono">{text}</span>;
  const inOneLine = text.replaceAll(/\s*\n\s*/g, ' ');
  if (text.length < 60) return <code>{inOneLine}</code>;
  const lines = text.split('\n').length;
  if (lines <= mostLines) return <pre>{text}</pre>;
  return (
    <details>
      <summary>
        <code>{inOneLine.slice(0, 60)} …</code> <span class="faint small">{lines} lines</span>
      </summary>
      <pre>{text}</pre>
    </details>
  );
}
