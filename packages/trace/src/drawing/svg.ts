// A drawing as an SVG file. Equal drawings give equal text, so that a check can tell a stale file.

import type { Drawing, DrawnArrow, DrawnState, TextBlock, TextRun, TextStyle } from './drawing.ts';
import { isInside } from './plan.ts';
import { againPath, anywherePath, headPath, linePath } from './shapes.ts';
import { fonts, rulePaddingPx, widthOf } from './text.ts';
import { darkPalette, fontFamily, lightPalette, type Palette } from './theme.ts';

/** `auto`: light, and dark where whoever looks prefers that. */
export type SvgTheme = 'light' | 'dark' | 'auto';

export function svgOf(drawing: Drawing, theme: SvgTheme = 'auto'): string {
  const { width, height, chart } = drawing;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Statechart of the machine ${escaped(chart.id)}">`,
    `<style>${styleOf(theme)}</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="6"/>`,
    ...drawing.states.map((state) => stateSvg(drawing, state)),
    ...drawing.arrows.map(linesSvg),
    ...drawing.arrows.map(labelSvg),
    '</svg>',
    '',
  ];
  return lines.join('\n');
}

function stateSvg(drawing: Drawing, state: DrawnState): string {
  const { x, y, width, height } = state;
  const isFrame = drawing.states.some(({ path }) => isInside(path, state.path));
  const depth =
    state.path === '' ? 0 : Math.min(state.path.split('.').length, lightPalette.frames.length - 1);
  const kind = isFrame ? `frame depth${depth}${state.isRegion ? ' region' : ''}` : 'state';
  const inner =
    state.kind === 'final'
      ? `<rect class="state" x="${x + 3}" y="${y + 3}" width="${width - 6}" height="${height - 6}" rx="6"/>`
      : '';
  const box = `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="9"/>`;
  return `<g>${box}${inner}${initialSvg(state)}${state.blocks.map(blockSvg).join('')}</g>`;
}

function initialSvg({ initial }: DrawnState): string {
  const start = initial?.[0];
  if (initial === undefined || start === undefined) return '';
  const [next = start] = initial.slice(1);
  const [dx, dy] = [Math.sign(next[0] - start[0]) * 5, Math.sign(next[1] - start[1]) * 5];
  const dot = `<circle class="solid" cx="${start[0] - dx}" cy="${start[1] - dy}" r="5"/>`;
  return `${dot}<path class="line" d="${linePath(initial, true)}"/><path class="solid" d="${headPath(initial)}"/>`;
}

function linesSvg({ lines }: DrawnArrow): string {
  const last = lines.at(-1) ?? [];
  const paths = lines.map((line) => linePath(line, line === last)).join('');
  return `<g><path class="line" d="${paths}"/><path class="solid" d="${headPath(last)}"/></g>`;
}

function labelSvg({ label, source, target }: DrawnArrow): string {
  const { x, y, width, height } = label;
  const anywhere = isInside(target, source) ? `<path class="mark" d="${anywherePath(label)}"/>` : '';
  const box = `<rect class="label" x="${x}" y="${y}" width="${width}" height="${height}" rx="5"/>`;
  return `<g>${box}${anywhere}${label.blocks.map(blockSvg).join('')}</g>`;
}

function blockSvg(block: TextBlock): string {
  const mark = block.stays === 'again' ? `<path class="mark" d="${againPath(block)}"/>` : '';
  return `${mark}${block.runs.map(runSvg).join('')}`;
}

function runSvg({ x, y, style, text }: TextRun): string {
  const frame = style === 'rule' ? ruleFrame(x, y, text) : '';
  const left = style === 'rule' ? x + rulePaddingPx : x;
  return `${frame}<text class="${style}" x="${left}" y="${y}">${escaped(text)}</text>`;
}

function ruleFrame(x: number, y: number, text: string): string {
  const width = Math.round(widthOf(text, 'rule') * 10) / 10;
  return `<rect class="frameOfRule" x="${x}" y="${Math.round((y - 10) * 10) / 10}" width="${width}" height="13" rx="3"/>`;
}

function styleOf(theme: SvgTheme): string {
  const fixed = `text{font-family:${fontFamily};white-space:pre}${(Object.keys(fonts) as TextStyle[]).map(fontRule).join('')}.line,.mark{fill:none;stroke-width:1.4}.mark{stroke-width:1.3}.region{stroke-dasharray:6 4}`;
  const colours = coloursOf(theme === 'dark' ? darkPalette : lightPalette);
  const whenDark = theme === 'auto' ? `@media (prefers-color-scheme:dark){${coloursOf(darkPalette)}}` : '';
  return `${fixed}${colours}${whenDark}`;
}

function fontRule(style: TextStyle): string {
  const { sizePx, isBold, isItalic } = fonts[style];
  return `.${style}{font-size:${sizePx}px${isBold ? ';font-weight:600' : ''}${isItalic ? ';font-style:italic' : ''}}`;
}

function coloursOf(palette: Palette): string {
  const frames = palette.frames.map((fill, depth) => `.depth${depth}{fill:${fill}}`).join('');
  return [
    `.ground{fill:${palette.ground}}`,
    `.frame{stroke:${palette.frameBorder}}`,
    frames,
    `rect.state{fill:${palette.state};stroke:${palette.stateBorder};stroke-width:1.3}`,
    `.line,.mark{stroke:${palette.line}}.solid{fill:${palette.line}}`,
    `.label{fill:${palette.label};fill-opacity:.85}`,
    `.frameOfRule{fill:none;stroke:${palette.frameBorder}}`,
    `text{fill:${palette.text}}text.machine,text.state{fill:${palette.name}}`,
    `.description,.keyword,.order,.rule{fill:${palette.quiet}}`,
    `.guard{fill:${palette.guard}}.action{fill:${palette.action}}`,
  ].join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
