// The drawings that are in the repository: what a reader may rely on, whatever the engine does.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Box,
  bestDrawing,
  type Drawing,
  type DrawnState,
  isInside,
  type MachineDrawings,
  type Point,
  readDrawings,
  svgOf,
} from '@odradek/trace';
import { describe, expect, it } from 'vitest';
import { layOut } from '../layout.ts';
import { repositoryRoot } from '../workspace.ts';

const files = globSync('{packages,apps}/*/diagrams/*.json', { cwd: repositoryRoot });

const drawingsIn = (file: string): MachineDrawings =>
  readDrawings(JSON.parse(readFileSync(join(repositoryRoot, file), 'utf8')));

function touches(one: Box, other: Box): boolean {
  const apart =
    one.x + one.width <= other.x ||
    other.x + other.width <= one.x ||
    one.y + one.height <= other.y ||
    other.y + other.height <= one.y;
  return !apart;
}

function isIn(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function spanOf([x1, y1]: Point, [x2, y2]: Point): Box {
  return { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x1 - x2), height: Math.abs(y1 - y2) };
}

const parentOf = (path: string): string => path.split('.').slice(0, -1).join('.');

function siblings({ states }: Drawing): [DrawnState, DrawnState][] {
  return states.flatMap((one, at) =>
    states
      .slice(at + 1)
      .filter(({ path }) => one.path !== '' && parentOf(path) === parentOf(one.path))
      .map((other): [DrawnState, DrawnState] => [one, other]),
  );
}

it('there are drawings of all machines', () => {
  expect(files.length).toBeGreaterThan(10);
});

describe.each(files)('%s', (file) => {
  const { all, names } = drawingsIn(file);

  it.each([
    ['all', all],
    ['names', names],
  ])('no boxes of siblings overlap, and each is inside of its parent (%s)', (_, drawing) => {
    const overlapping = siblings(drawing).filter(([one, other]) => touches(one, other));
    expect(overlapping.map(([one, other]) => `${one.path} and ${other.path}`)).toEqual([]);
    const outside = drawing.states.filter((state) => {
      const parent = drawing.states.find(({ path }) => path === parentOf(state.path));
      return state.path !== '' && (parent === undefined || !isIn(state, parent));
    });
    expect(outside.map(({ path }) => path)).toEqual([]);
  });

  it.each([
    ['all', all],
    ['names', names],
  ])(
    'text is inside of its box, labels inside of the drawing and on no state or other label (%s)',
    (_, drawing) => {
      const page: Box = { x: 0, y: 0, width: drawing.width, height: drawing.height };
      const homeless = [...drawing.states, ...drawing.arrows.map(({ label }) => label)].filter((box) =>
        box.blocks.some((block) => !isIn(block, box)),
      );
      expect(homeless).toEqual([]);
      const labels = drawing.arrows.map(({ label }) => label);
      expect(labels.filter((label) => !isIn(label, page))).toEqual([]);
      const parents = new Set(drawing.states.map(({ path }) => parentOf(path)));
      const leaves = drawing.states.filter(({ path }) => path !== '' && !parents.has(path));
      const covered = labels.filter((label, at) =>
        [...leaves, ...labels.slice(at + 1)].some((other) => touches(label, other)),
      );
      expect(covered).toEqual([]);
    },
  );

  it('every transition of the chart is written once', () => {
    const written = [...all.states, ...all.arrows.map(({ label }) => label)]
      .flatMap(({ blocks }) => blocks)
      .flatMap(({ edge }) => (edge === undefined ? [] : [edge]));
    expect(written.toSorted((one, other) => one - other)).toEqual(all.chart.edges.map((_, index) => index));
  });

  it.each([
    ['all', all],
    ['names', names],
  ])(
    'there is one arrow for each pair of states that a transition leads between (%s)',
    (_, { arrows, chart }) => {
      const pairs = chart.edges.flatMap(({ source, target }) =>
        target === undefined || target === source ? [] : [`${source} to ${target}`],
      );
      expect(arrows.map(({ source, target }) => `${source} to ${target}`)).toEqual([...new Set(pairs)]);
      for (const { source, target, lines } of arrows)
        expect(lines.length).toBe(isInside(target, source) ? 1 : 2);
    },
  );

  it.each([
    ['all', all],
    ['names', names],
  ])('arrows begin at their source and end at their target (%s)', (_, { arrows, states }) => {
    const boxOf = (path: string): Box => {
      const state = states.find((candidate) => candidate.path === path);
      if (state === undefined) throw new Error(`no box of ${path}`);
      return { x: state.x - 1, y: state.y - 1, width: state.width + 2, height: state.height + 2 };
    };
    const point = ([x, y]: readonly [number, number]): Box => ({ x, y, width: 0, height: 0 });
    for (const { source, target, lines } of arrows) {
      const [start, end] = [lines[0]?.[0], lines.at(-1)?.at(-1)];
      if (start === undefined || end === undefined) throw new Error('an arrow without points');
      if (lines.length === 2) expect(isIn(point(start), boxOf(source)), `${source} to ${target}`).toBe(true);
      expect(isIn(point(end), boxOf(target)), `${source} to ${target}`).toBe(true);
    }
  });

  it.each([
    ['all', all],
    ['names', names],
  ])('no line runs through a state without states inside, a label or a text (%s)', (_, drawing) => {
    const { states, arrows } = drawing;
    const parents = new Set(states.map(({ path }) => parentOf(path)));
    const boxes: Box[] = [
      ...states.filter(({ path }) => path !== '' && !parents.has(path)),
      ...arrows.map(({ label }) => label),
      ...states.flatMap(({ blocks }) => blocks),
    ];
    const lines = [
      ...arrows.flatMap((arrow) => arrow.lines),
      ...states.flatMap(({ initial }) => (initial ? [initial] : [])),
    ];
    const spans = lines.flatMap((line) => line.slice(1).map((point, at) => spanOf(line[at] ?? point, point)));
    expect(spans.length).toBeGreaterThan(5);
    expect(boxes.filter((box) => spans.some((span) => touches(span, box)))).toEqual([]);
  });

  it('the file beside it is the drawing', () => {
    const svg = (name: string): string => readFileSync(join(repositoryRoot, name), 'utf8');
    expect(svg(file.replace('.json', '.svg'))).toBe(svgOf(all));
    expect(svg(file.replace('.json', '-overview.svg'))).toBe(svgOf(names));
  });
});

it('laying out is deterministic, and what is in the repository is what comes of it today', async () => {
  const known = drawingsIn('packages/client/diagrams/consumer.json');
  expect(await layOut(known.all.chart)).toEqual(known);
});

it('asks for a manner to draw in', () => {
  const { all } = drawingsIn('packages/client/diagrams/consumer.json');
  expect(() => bestDrawing(all.chart, 'all', []).next()).toThrow('needs a manner');
});
