// The drawings of machines: files in each package's `diagrams`, made from the machines themselves, and what its README shows of them.
// `--write` renews what is stale; without it, that is listed. `--again` lays out everything anew, also what shows its machine already.
// Names of rooms (`npm run diagrams election`) leave the others alone.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import {
  type Chart,
  chartOf,
  drawingsJson,
  isMachine,
  type Machine,
  type MachineDrawings,
  readDrawings,
  show,
  svgOf,
} from '@odradek/trace';
import { type Problem, type Room, repositoryRoot, roomsOf, shown, sourceFiles } from './workspace.ts';

export interface DiagramsOptions {
  readonly write?: boolean | undefined;
  /** Lays out what is not stale, too. */
  readonly again?: boolean | undefined;
  /** Rooms; none: all. */
  readonly names?: readonly string[];
}

/** Lists the drawings that are not what the machines are; with `write`, renews them first. */
export async function checkDiagrams(root: string, options: DiagramsOptions = {}): Promise<Problem[]> {
  const { names = [] } = options;
  const problems: Problem[] = [];
  const rooms = roomsOf(root).filter((room) => names.length === 0 || names.includes(room.name));
  for (const room of rooms) problems.push(...(await checkRoom(root, room, options)));
  return problems;
}

async function checkRoom(root: string, room: Room, { write, again }: DiagramsOptions): Promise<Problem[]> {
  const files = sourceFiles(room).filter((path) => path.endsWith('.machine.ts'));
  const readme = join(room.directory, 'README.md');
  const found = await Promise.all(files.map((path) => machinesIn(root, path)));
  const problems = found.flatMap((result) => ('problem' in result ? [result.problem] : []));
  // A machine that cannot be loaded must not lose its drawing.
  if (problems.length > 0 || !existsSync(readme)) return problems;
  const charts = found.flatMap((result) => ('machines' in result ? result.machines.map(chartOf) : []));
  const wanted = new Map<string, string>();
  const blocks = new Map<string, string>();
  for (const chart of charts) {
    const drawings = await drawingsOf(chart, room, { write, again });
    if (drawings === undefined) return [stale(root, join(room.directory, 'diagrams', `${chart.id}.json`))];
    for (const [name, text] of filesOf(drawings)) wanted.set(join(room.directory, 'diagrams', name), text);
    blocks.set(chart.id, blockOf(drawings));
  }
  if (charts.length > 0) wanted.set(join(room.directory, 'diagrams/index.ts'), indexOf(charts));
  wanted.set(readme, renew(readFileSync(readme, 'utf8'), blocks));
  return renewFiles(root, room, wanted, write);
}

type Found = { readonly machines: readonly Machine[] } | { readonly problem: Problem };

async function machinesIn(root: string, path: string): Promise<Found> {
  try {
    const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
    return { machines: Object.values(exported).filter(isMachine) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: { file: shown(root, path), message: `cannot be loaded to be drawn: ${reason}` } };
  }
}

/** The drawings as the file has them, if it shows this chart; else, to be written, new ones. */
async function drawingsOf(
  chart: Chart,
  room: Room,
  { write, again }: DiagramsOptions,
): Promise<MachineDrawings | undefined> {
  const known = knownDrawings(join(room.directory, 'diagrams', `${chart.id}.json`));
  if (known !== undefined && show(known, chart) && again !== true) return known;
  if (write !== true) return undefined;
  // The engine is large, and most of the time nothing is to be laid out.
  const { layOut } = await import('./layout.ts');
  return layOut(chart);
}

function knownDrawings(path: string): MachineDrawings | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readDrawings(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    // Of another version, or not whole: as stale as one of another machine.
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function filesOf(drawings: MachineDrawings): [name: string, text: string][] {
  const { id } = drawings.all.chart;
  return [
    [`${id}.json`, drawingsJson(drawings)],
    [`${id}.svg`, svgOf(drawings.all)],
    [`${id}-overview.svg`, svgOf(drawings.names)],
  ];
}

function indexOf(charts: readonly Chart[]): string {
  const ids = charts.map(({ id }) => id).sort();
  const variable = (id: string): string =>
    id.replaceAll(/[^A-Za-z0-9]+(.)/g, (_, next: string) => next.toUpperCase());
  return [
    '// Made by `npm run diagrams`: the drawings of this package’s machines, as `readDrawings` of @odradek/trace takes them.',
    '',
    ...ids.map((id) => `import ${variable(id)} from './${id}.json' with { type: 'json' };`),
    '',
    `export const diagrams: readonly unknown[] = [${ids.map(variable).join(', ')}];`,
    '',
  ].join('\n');
}

function renewFiles(
  root: string,
  room: Room,
  wanted: ReadonlyMap<string, string>,
  write?: boolean,
): Problem[] {
  const directory = join(room.directory, 'diagrams');
  const present = existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
  const left = present.filter((path) => !wanted.has(path));
  const changed = [...wanted].filter(
    ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
  );
  if (write !== true) return [...left, ...changed.map(([path]) => path)].map((path) => stale(root, path));
  if (changed.some(([path]) => path.startsWith(directory))) mkdirSync(directory, { recursive: true });
  for (const [path, text] of changed) writeFileSync(path, text);
  for (const path of left) rmSync(path);
  return [];
}

function stale(root: string, path: string): Problem {
  return { file: shown(root, path), message: 'is stale: npm run diagrams' };
}

const block = /<!-- machine:(\S+) -->\n[\s\S]*?<!-- \/machine -->/g;

/** The README with what it shows of each machine renewed, that of vanished machines taken out, and that of new ones added at the end. */
export function renew(readme: string, blocks: ReadonlyMap<string, string>): string {
  const missing = new Set(blocks.keys());
  const marked = (name: string, text: string): string =>
    `<!-- machine:${name} -->\n${text}\n<!-- /machine -->`;
  const renewed = readme.replaceAll(block, (_, name: string) => {
    const text = blocks.get(name);
    missing.delete(name);
    return text === undefined ? '' : marked(name, text);
  });
  const added = [...missing].map((name) => `\n${marked(name, blocks.get(name) ?? '')}\n`);
  return [renewed, ...added].join('');
}

/** A page shows drawings up to this size with text that can be read. */
const page = { width: 1300, height: 2600 };

/** What a README shows: the drawing; of a large one an overview, and the whole folded. */
function blockOf({ all }: MachineDrawings): string {
  const { id } = all.chart;
  const whole = `![The statechart of ${id}](diagrams/${id}.svg)`;
  if (all.width <= page.width && all.height <= page.height) return whole;
  const overview = `![The statechart of ${id}: states and events](diagrams/${id}-overview.svg)`;
  const summary = `<summary>With guards, actions and rules (<a href="diagrams/${id}.svg">on its own</a>)</summary>`;
  return `${overview}\n\n<details>\n${summary}\n\n${whole}\n\n</details>`;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { write: { type: 'boolean' }, again: { type: 'boolean' } },
    allowPositionals: true,
  });
  const problems = await checkDiagrams(repositoryRoot, { ...values, names: positionals });
  for (const problem of problems) console.error(`${problem.file}: ${problem.message}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
