// What the squares and marks mean.

import { numberText } from '@odradek/trace';
import { Term } from '../glossary/term.tsx';
import { squareWidth } from './strip-view.tsx';

const kinds = [
  ['committed', 'committed', 'below the replica’s high watermark'],
  ['in-sync', 'in sync', 'all in-sync replicas have it; this replica does not know yet that it is committed'],
  ['appended', 'appended', 'not yet at all in-sync replicas: it may still be lost'],
] as const;

export function Legend({ recordsPerSquare }: { readonly recordsPerSquare: number }) {
  return (
    <ul class="legend" aria-label="What the squares mean">
      {kinds.map(([fill, word, text]) => (
        <li key={fill} title={text}>
          <svg width={squareWidth * 2} height="20" aria-hidden="true">
            <rect y="1" width={squareWidth * 2} height="18" fill={`url(#records-${fill})`} />
          </svg>
          <Term word={word} />
        </li>
      ))}
      <li>
        <svg class="strip" width="9" height="20" aria-hidden="true">
          <path class="watermark" d="M2 19V3h5L5.4 5.4 7 8H2" />
        </svg>
        <Term word="high watermark" />
      </li>
      <li>
        <svg class="strip" width="9" height="20" aria-hidden="true">
          <path class="end" d="M4.500 9l-3.5 5h7z" />
        </svg>
        <Term word="log end" />
      </li>
      {(['leader', 'epoch', 'in-sync replicas', 'eligible'] as const).map((word) => (
        <li key={word}>
          <Term word={word} />
        </li>
      ))}
      {recordsPerSquare > 1 && (
        <li>
          <strong>1 square = {numberText(recordsPerSquare)} records</strong>
        </li>
      )}
    </ul>
  );
}
