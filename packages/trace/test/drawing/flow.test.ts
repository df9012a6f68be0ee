import { describe, expect, it } from 'vitest';
import { flow, type Piece } from '../../src/drawing/flow.ts';
import { widthOf } from '../../src/index.ts';

const pieces: Piece[] = [
  { text: 'fetch answered', style: 'event' },
  { text: '[leader ends below our end]', style: 'guard' },
  { text: '/ begin at the leader start, fetch on', style: 'action' },
  { text: 'F6, F7', style: 'rule' },
];

describe('text in lines', () => {
  it('stays within its width', () => {
    for (const width of [110, 160, 240, 1000]) {
      const { runs, width: used } = flow(pieces, width);
      expect(used).toBeLessThanOrEqual(width);
      for (const { x, text, style } of runs)
        expect(x + widthOf(text, style)).toBeLessThanOrEqual(used + 0.01);
    }
  });

  it('loses no word, and keeps their order', () => {
    for (const width of [60, 160, 1000])
      expect(
        flow(pieces, width)
          .runs.map(({ text }) => text)
          .join(' '),
      ).toBe(pieces.map(({ text }) => text).join(' '));
  });

  it('is one line when there is room, and one run for each style', () => {
    const { runs, height } = flow(pieces, 1000);
    expect(runs).toHaveLength(4);
    expect(height).toBe(16);
    expect(flow(pieces, 110).height).toBeGreaterThan(4 * 16);
  });

  it('gets wider than it should rather than break a word', () => {
    const { width, runs } = flow([{ text: 'incomprehensibilities', style: 'event' }], 20);
    expect(runs).toHaveLength(1);
    expect(width).toBeGreaterThan(20);
  });

  it('does not leave a slash behind at the end of a line', () => {
    for (let width = 60; width < 300; width += 10)
      for (const { text } of flow(pieces, width).runs) expect(text.endsWith('/')).toBe(false);
  });
});

describe('the width of text', () => {
  it('grows with the text and its size, and is more in bold', () => {
    expect(widthOf('ii', 'guard')).toBeLessThan(widthOf('mm', 'guard'));
    expect(widthOf('leader', 'event')).toBeGreaterThan(widthOf('leader', 'guard'));
    expect(widthOf('leader', 'machine')).toBeGreaterThan(widthOf('leader', 'state'));
  });

  it('is generous with characters that it does not know', () => {
    expect(widthOf('语', 'guard')).toBe(12);
  });
});
