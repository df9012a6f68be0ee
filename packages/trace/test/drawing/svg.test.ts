import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { chartOf, svgOf } from '../../src/index.ts';
import { replicaMachine, voterMachine } from '../sample-machines.ts';
import { drawn } from './drawn.ts';

/** Tags that do not close in the order they opened, and characters that XML does not allow. */
function faultsOf(xml: string): string[] {
  const open: string[] = [];
  const faults: string[] = [];
  for (const [tag, close, name = '', rest = ''] of xml.matchAll(/<(\/?)(\w+)([^<>]*)>/g)) {
    if (close !== '') {
      if (open.pop() !== name) faults.push(`${tag} closes what is not open`);
    } else if (!rest.endsWith('/')) open.push(name);
    if (!/^(?: [\w:-]+="[^"<]*")*\/?$/.test(rest)) faults.push(tag);
  }
  const text = xml.replaceAll(/<\/?\w+[^<>]*>/g, '');
  if (/[<>]|&(?!(?:amp|lt|gt|quot);)/.test(text)) faults.push('a character that should be escaped');
  return [...faults, ...open];
}

describe('an SVG', () => {
  it.each([
    ['voter', voterMachine],
    ['replica', replicaMachine],
  ])('is well formed: %s', (_, machine) => {
    const svg = svgOf(drawn(chartOf(machine)));
    expect(faultsOf(svg)).toEqual([]);
    expect(faultsOf(svg.replace('</g>', ''))).not.toEqual([]);
  });

  it('shows names as they are, whatever characters they have', () => {
    const machine = createMachine({ id: 'a<b & "c"', initial: 'x>y', states: { 'x>y': {} } });
    const svg = svgOf(drawn(chartOf(machine)));
    expect(faultsOf(svg)).toEqual([]);
    expect(svg).toContain('>x&gt;y</text>');
    expect(svg).toContain('a&lt;b &amp; &quot;c&quot;');
  });

  it('is the same text for the same drawing', () => {
    expect(svgOf(drawn(chartOf(voterMachine)))).toBe(svgOf(drawn(chartOf(voterMachine))));
  });

  it('is light, dark, or what whoever looks prefers', () => {
    const drawing = drawn(chartOf(voterMachine));
    expect(svgOf(drawing, 'light')).not.toContain('prefers-color-scheme');
    expect(svgOf(drawing, 'dark')).not.toContain('prefers-color-scheme');
    expect(svgOf(drawing, 'auto')).toContain('@media (prefers-color-scheme:dark)');
    expect(svgOf(drawing)).toBe(svgOf(drawing, 'auto'));
  });

  it('asks nobody for anything: no address but that of the format', () => {
    expect(svgOf(drawn(chartOf(voterMachine))).match(/https?:[^"]*/g)).toEqual([
      'http://www.w3.org/2000/svg',
    ]);
  });
});
