// Many partitions as a picture: columns are brokers, each line stands for some partitions, and shows the worst of them.

import type { Column } from './columns.ts';
import type { Row } from './rows.ts';

/** What a broker is to the partitions of a line: 0 nothing; the higher the worse. */
export const heats = ['nothing', 'follows', 'leads', 'behind', 'offline'] as const;
export type Heat = (typeof heats)[number];
const rankOf: Readonly<Record<Heat, number>> = { nothing: 0, follows: 1, leads: 2, behind: 3, offline: 4 };

export interface HeatMap {
  readonly lines: number;
  readonly rowsPerLine: number;
  /** By line and then by column: an index into {@link heats}. */
  readonly cells: Uint8Array;
  /** In the same order: how much of what it keeps of a line the broker leads, from 0 to 255. */
  readonly leads: Uint8Array;
}

export function heatMapOf(
  rows: readonly Row[],
  columns: readonly Pick<Column, 'id'>[],
  mostLines: number,
): HeatMap {
  const rowsPerLine = Math.max(1, Math.ceil(rows.length / mostLines));
  const lines = Math.ceil(rows.length / rowsPerLine);
  const place = new Map(columns.map(({ id }, index) => [id, index]));
  const cells = new Uint8Array(lines * columns.length);
  const led = new Uint32Array(cells.length);
  const kept = new Uint32Array(cells.length);
  for (const [index, row] of rows.entries()) {
    const start = Math.floor(index / rowsPerLine) * columns.length;
    for (const broker of row.replicas) {
      const column = place.get(broker);
      if (column === undefined) continue;
      const at = start + column;
      cells[at] = Math.max(cells[at] ?? 0, rankOf[heatOf(row, broker)]);
      kept[at] = (kept[at] ?? 0) + 1;
      if (row.leader === broker) led[at] = (led[at] ?? 0) + 1;
    }
  }
  const leads = Uint8Array.from(led, (count, at) => Math.round((255 * count) / Math.max(1, kept[at] ?? 0)));
  return { lines, rowsPerLine, cells, leads };
}

function heatOf(row: Row, broker: number): Heat {
  if (row.leader < 0) return 'offline';
  if (!row.inSyncReplicas.includes(broker)) return 'behind';
  return row.leader === broker ? 'leads' : 'follows';
}
