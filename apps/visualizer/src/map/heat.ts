// Many partitions as a picture: columns are brokers, each line stands for some partitions, and shows the worst of them.

import type { Column } from './columns.ts';
import type { Row } from './rows.ts';

/** What a broker is to the partitions of a line: 0 nothing; the higher the worse. */
export const heats = ['nothing', 'follows', 'leads', 'behind', 'offline'] as const;
export type Heat = (typeof heats)[number];

export interface HeatMap {
  readonly lines: number;
  readonly rowsPerLine: number;
  /** By line and then by column: an index into {@link heats}. */
  readonly cells: Uint8Array;
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
  for (const [index, row] of rows.entries()) {
    const start = Math.floor(index / rowsPerLine) * columns.length;
    for (const broker of row.replicas) {
      const at = place.get(broker);
      if (at === undefined) continue;
      const heat = heats.indexOf(heatOf(row, broker));
      if (heat > (cells[start + at] ?? 0)) cells[start + at] = heat;
    }
  }
  return { lines, rowsPerLine, cells };
}

function heatOf(row: Row, broker: number): Heat {
  if (row.leader < 0) return 'offline';
  if (!row.inSyncReplicas.includes(broker)) return 'behind';
  return row.leader === broker ? 'leads' : 'follows';
}
