// What it costs a leader that somebody watches it: the same load, unwatched, with one viewer, and after it has left.

import type { BrokerProcess } from './cluster.ts';
import { loadedLeaderRows } from './loaded-leader.ts';
import { type Row, ratioRow } from './rows.ts';
import type { BenchOptions } from './setting.ts';
import { until } from './until.ts';

interface Turn {
  readonly unwatched: number;
  readonly watched: number;
  readonly left: number;
  /** Kilobytes a second. */
  readonly told: number;
}

export function watchRows(options: BenchOptions): AsyncGenerator<Row> {
  return loadedLeaderRows(
    options,
    'watched',
    async (leader, measure) => {
      const unwatched = await measure();
      const viewer = await Watching.begin(leader);
      const beganMs = performance.now();
      const watched = await measure();
      const told = viewer.bytes / (performance.now() - beganMs);
      await viewer.end();
      return { unwatched, watched, told, left: await measure() };
    },
    rowsOf,
  );
}

function rowsOf(placement: string, turns: readonly Turn[]): readonly Row[] {
  const of = (what: keyof Turn): number[] => turns.map((turn) => turn[what]);
  const ratio = (name: string, what: keyof Turn, value: number): Row =>
    ratioRow(`${name}, ${placement}`, 'MB/s', of('unwatched'), of(what), { value, is: 'least' });
  return [
    ratio('watched', 'watched', 75),
    // Within noise: a turn is short.
    ratio('no longer watched', 'left', 90),
    {
      name: `told to the viewer, ${placement}`,
      unit: 'KB/s',
      values: of('told'),
      aim: { value: 100, is: 'most' },
    },
  ];
}

/** A viewer whose picture is drawn elsewhere: here it only takes what it is told. */
class Watching {
  bytes = 0;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.bytes += data instanceof ArrayBuffer ? data.byteLength : 0;
    };
  }

  static async begin({ host, port }: BrokerProcess): Promise<Watching> {
    const socket = new WebSocket(`ws://${host}:${port}/watch`);
    socket.binaryType = 'arraybuffer';
    const watching = new Watching(socket);
    // The picture, which is not counted.
    await until('the viewer is told', () => {
      if (socket.readyState === WebSocket.CLOSED)
        throw new Error('the leader is not watched: its door is closed');
      return watching.bytes > 0;
    });
    watching.bytes = 0;
    return watching;
  }

  /** With a goodbye, so that the node does not wait for it to come back. */
  end(): Promise<void> {
    this.#socket.close();
    return until('the viewer has left', () => this.#socket.readyState === WebSocket.CLOSED);
  }
}
