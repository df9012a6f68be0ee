// The drawing of one strip: squares, filled by what their records are, and the marks of high watermark and log end.

import type { ReplicaFacts } from '@odradek/trace';
import { type RecordKind, runsOf, type SharedEnd, type StripWindow, squareAt } from './strip.ts';

const squareHeight = 18;
const top = 9;

const fillOf: Readonly<Record<RecordKind, string>> = {
  gone: 'url(#records-gone)',
  committed: 'url(#records-committed)',
  'in sync': 'url(#records-in-sync)',
  appended: 'url(#records-appended)',
};

export const squareWidth = 9;

export interface StripViewProps {
  readonly replica: ReplicaFacts;
  readonly shared: SharedEnd;
  readonly window: StripWindow;
}

export function StripView({ replica, shared, window }: StripViewProps) {
  const width = window.squares * squareWidth;
  const at = (offset: number): number =>
    Math.min(Math.max(squareAt(offset, window), 0), window.squares) * squareWidth;
  const runs = runsOf(replica, shared, window);
  const watermark = at(replica.highWatermark);
  const end = at(replica.logEndOffset);
  return (
    <svg class="strip" width={width} height={top + squareHeight + 8} aria-hidden="true">
      <line class="ground" x1="0" x2={width} y1={top + squareHeight + 2.5} y2={top + squareHeight + 2.5} />
      {runs.map(({ kind, from, to }) => (
        <rect
          key={kind}
          x={from * squareWidth}
          y={top}
          width={(to - from) * squareWidth}
          height={squareHeight}
          fill={fillOf[kind]}
        />
      ))}
      <path
        class="watermark"
        d={`M${watermark} ${top + squareHeight + 3}V1h5l-1.6 2.4L${watermark + 5} 6h-5`}
      />
      <path class="end" d={`M${end} ${top + squareHeight + 3}l-3.5 5h7z`} />
    </svg>
  );
}

/** The fills that strips use; once on a page. Squares differ by shape as well as by colour. */
export function StripFills() {
  const pattern = {
    width: squareWidth,
    height: squareHeight,
    y: top,
    patternUnits: 'userSpaceOnUse',
  } as const;
  return (
    <svg width="0" height="0" class="fills" aria-hidden="true">
      <defs>
        <pattern id="records-committed" {...pattern}>
          <rect class="committed" x="1" y="1" width="7" height="16" rx="1" />
        </pattern>
        <pattern id="records-in-sync" {...pattern}>
          <rect class="outline" x="1.5" y="1.5" width="6" height="15" rx="1" />
          <path class="hatch" d="M2 7l5-5M2 12l5-5M2 16.5l5-5" />
        </pattern>
        <pattern id="records-appended" {...pattern}>
          <rect class="outline" x="1.5" y="1.5" width="6" height="15" rx="1" />
        </pattern>
        <pattern id="records-gone" {...pattern}>
          <circle class="gone" cx="4.5" cy="9" r="1" />
        </pattern>
      </defs>
    </svg>
  );
}
