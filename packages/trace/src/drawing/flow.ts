// Pieces of text, set in lines of a limited width.

import type { TextRun, TextStyle } from './drawing.ts';
import { fonts, widthOf } from './text.ts';

export interface Piece {
  readonly text: string;
  readonly style: TextStyle;
}

/** Lines of text, measured from their own top left corner. */
export interface Flowed {
  readonly width: number;
  readonly height: number;
  readonly runs: readonly TextRun[];
}

/** Where the baseline lies within a line, from its top. */
const baseline = 0.75;

/** How far a line that goes on is set in. */
const hangingPx = 10;

/**
 * Sets pieces one after the other. Words move to the next line when the width is used up; a single word that is wider than that stays
 * whole and makes the text wider.
 */
export function flow(pieces: readonly Piece[], maxWidth: number): Flowed {
  const words = pieces.flatMap(wordsOf);
  const runs: TextRun[] = [];
  let [x, y, width, linePx] = [0, 0, 0, 0];
  for (const word of words) {
    const space = runs.length === 0 ? 0 : spaceBefore(word.style);
    const wide = widthOf(word.text, word.style);
    const isFull = runs.length > 0 && x + space + wide > maxWidth;
    if (isFull) {
      y += linePx;
      linePx = 0;
    }
    const start = isFull ? hangingPx : x + space;
    linePx = Math.max(linePx, fonts[word.style].linePx);
    add(runs, { ...word, x: start, y }, isFull);
    x = start + wide;
    width = Math.max(width, x);
  }
  return { width, height: y + linePx, runs: runs.map(onBaseline) };
}

/** A rule's id and a number are one word each; other text breaks at its spaces, but not behind the slash before an action. */
function wordsOf({ text, style }: Piece): Piece[] {
  if (style === 'rule' || style === 'order') return [{ text, style }];
  return text
    .split(/(?<!^\/) /)
    .filter((word) => word !== '')
    .map((word) => ({ text: word, style }));
}

function spaceBefore(style: TextStyle): number {
  return style === 'rule' ? 6 : widthOf(' ', style);
}

/** Words of one style that follow each other on a line are one run. */
function add(runs: TextRun[], run: TextRun, isNewLine: boolean): void {
  const last = runs.at(-1);
  const joins =
    last !== undefined && !isNewLine && last.style === run.style && run.style !== 'rule' && last.y === run.y;
  if (joins) runs[runs.length - 1] = { ...last, text: `${last.text} ${run.text}` };
  else runs.push(run);
}

function onBaseline(run: TextRun): TextRun {
  return { ...run, y: run.y + fonts[run.style].linePx * baseline };
}
