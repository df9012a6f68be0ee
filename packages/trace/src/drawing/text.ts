// How wide text will be, without anything that could draw it: a table of advance widths. For each character it holds the wider of
// Helvetica's and of DejaVu Sans Condensed's, so that what is measured here fits wherever one of the fonts of the theme is.

import type { TextStyle } from './drawing.ts';

export interface Font {
  readonly sizePx: number;
  readonly isBold: boolean;
  readonly isItalic: boolean;
  /** From one baseline to the next. */
  readonly linePx: number;
}

export const fonts: Readonly<Record<TextStyle, Font>> = {
  machine: { sizePx: 18, isBold: true, isItalic: false, linePx: 26 },
  state: { sizePx: 14, isBold: true, isItalic: false, linePx: 20 },
  description: { sizePx: 11, isBold: false, isItalic: true, linePx: 15 },
  event: { sizePx: 12, isBold: true, isItalic: false, linePx: 16 },
  keyword: { sizePx: 12, isBold: false, isItalic: true, linePx: 16 },
  order: { sizePx: 10, isBold: false, isItalic: false, linePx: 16 },
  guard: { sizePx: 12, isBold: false, isItalic: false, linePx: 16 },
  action: { sizePx: 11, isBold: false, isItalic: false, linePx: 16 },
  rule: { sizePx: 10, isBold: false, isItalic: false, linePx: 16 },
};

/** What the frame around a rule's id takes on each side. */
export const rulePaddingPx = 4;

/** The width of a text in one style. */
export function widthOf(text: string, style: TextStyle): number {
  const { sizePx, isBold } = fonts[style];
  const table = isBold ? boldWidths : regularWidths;
  let thousandths = 0;
  for (const character of text) thousandths += table[character.charCodeAt(0) - firstCharacter] ?? otherWidth;
  const padding = style === 'rule' ? 2 * rulePaddingPx : 0;
  return (thousandths * sizePx) / 1000 + padding;
}

/** The space. */
const firstCharacter = 32;

/** What is not in the tables is as wide as it could be. */
const otherWidth = 1000;

/** In thousandths of the font's size, from the space to the tilde. */
const regularWidths: readonly number[] = [
  ...[286, 360, 414, 754, 572, 889, 702, 247, 351, 351, 450, 754, 286, 333, 286, 303],
  ...[572, 572, 572, 572, 572, 572, 572, 572, 572, 572, 303, 303, 754, 754, 754, 556],
  ...[1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778],
  ...[667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 616, 351, 303, 351, 754, 556],
  ...[450, 556, 571, 500, 571, 556, 316, 571, 570, 250, 250, 521, 250, 876, 570, 556],
  ...[571, 571, 370, 500, 353, 570, 532, 736, 532, 532, 500, 572, 303, 572, 754],
];

const boldWidths: readonly number[] = [
  ...[313, 410, 469, 754, 626, 942, 785, 275, 411, 411, 470, 754, 342, 374, 342, 329],
  ...[626, 626, 626, 626, 626, 626, 626, 626, 626, 626, 360, 360, 754, 754, 754, 589],
  ...[1076, 707, 707, 765, 765, 707, 648, 825, 765, 334, 530, 707, 589, 896, 765, 825],
  ...[707, 825, 765, 707, 648, 765, 707, 1001, 707, 707, 652, 411, 329, 411, 754, 589],
  ...[450, 607, 644, 533, 644, 610, 391, 644, 641, 308, 308, 598, 308, 938, 641, 618],
  ...[644, 644, 444, 536, 430, 641, 586, 831, 580, 586, 530, 641, 329, 641, 754],
];
