// The drawings in the packages' READMEs, made from the machines themselves. `--write` renews them; without it, what is stale is listed.
// Names of rooms (`npm run diagrams election`) leave the others alone.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chartOf, isMachine, type Machine, mermaidOf } from '@odradek/trace';
import { type Problem, type Room, repositoryRoot, roomsOf, shown, sourceFiles } from './workspace.ts';

/** Lists the drawings that are not what the machines are; with `write`, renews them first. */
export async function checkDiagrams(
  root: string,
  write = false,
  names: readonly string[] = [],
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const rooms = roomsOf(root).filter((room) => names.length === 0 || names.includes(room.name));
  for (const room of rooms) problems.push(...(await checkRoom(root, room, write)));
  return problems;
}

async function checkRoom(root: string, room: Room, write: boolean): Promise<Problem[]> {
  const files = sourceFiles(room).filter((path) => path.endsWith('.machine.ts'));
  const readme = join(room.directory, 'README.md');
  const found = await Promise.all(files.map((path) => machinesIn(root, path)));
  const problems = found.flatMap((result) => ('problem' in result ? [result.problem] : []));
  // A machine that cannot be loaded must not lose its drawing.
  if (problems.length > 0 || !existsSync(readme)) return problems;
  const machines = found.flatMap((result) => ('machines' in result ? result.machines : []));
  const text = readFileSync(readme, 'utf8');
  const drawings = new Map(machines.map((machine) => [machine.id, mermaidOf(chartOf(machine))]));
  const renewed = renew(text, drawings);
  if (renewed === text) return [];
  if (write) {
    writeFileSync(readme, renewed);
    return [];
  }
  return [{ file: shown(root, readme), message: 'its drawings are stale: npm run diagrams' }];
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

const block = /<!-- machine:(\S+) -->\n[\s\S]*?<!-- \/machine -->/g;

/** The README with each drawing renewed, those of vanished machines taken out, and new ones added at the end. */
export function renew(readme: string, drawings: ReadonlyMap<string, string>): string {
  const missing = new Set(drawings.keys());
  const renewed = readme.replaceAll(block, (_, name: string) => {
    const drawing = drawings.get(name);
    missing.delete(name);
    return drawing === undefined ? '' : blockOf(name, drawing);
  });
  const added = [...missing].map((name) => `\n${blockOf(name, drawings.get(name) ?? '')}\n`);
  return [renewed, ...added].join('');
}

function blockOf(name: string, drawing: string): string {
  return `<!-- machine:${name} -->\n\`\`\`mermaid\n${drawing}\`\`\`\n<!-- /machine -->`;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { write: { type: 'boolean' } },
    allowPositionals: true,
  });
  const problems = await checkDiagrams(repositoryRoot, values.write, positionals);
  for (const problem of problems) console.error(`${problem.file}: ${problem.message}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
