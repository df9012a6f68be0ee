// The machines that this very program runs, as drawings and as data.

import * as client from '@odradek/client';
import * as core from '@odradek/core';
import * as election from '@odradek/election';
import * as replication from '@odradek/replication';
import * as storage from '@odradek/storage';
import {
  type Chart,
  chartJson,
  chartOf,
  isMachine,
  type Machine,
  mermaidOf,
  type SvgTheme,
  svgOf,
} from '@odradek/trace';
import * as wire from '@odradek/wire';
import { usageFailure } from '../failure.ts';
import { type Outcome, table } from '../output.ts';
import type { Session } from '../session.ts';

/** The rooms whose public faces show machines. */
const rooms: Readonly<Record<string, object>> = {
  client,
  core,
  election,
  replication,
  storage,
  wire,
};

interface FoundMachine {
  readonly name: string;
  readonly room: string;
  readonly machine: Machine;
}

/** All machines of all rooms, by name. */
export function allMachines(): readonly FoundMachine[] {
  const found = Object.entries(rooms).flatMap(([room, face]) =>
    Object.values(face)
      .filter(isMachine)
      .map((machine) => ({ name: machine.id, room, machine })),
  );
  return found.sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

/** `machines list` */
export async function listMachines({ terminal }: Session): Promise<Outcome> {
  const machines = allMachines().map(({ name, room, machine }) => ({
    name,
    room,
    ...sizeOf(chartOf(machine)),
  }));
  const rows = machines.map(({ name, room, states, transitions }) => [name, room, states, transitions]);
  return { data: { machines }, text: table(terminal, ['machine', 'package', 'states', 'transitions'], rows) };
}

/** States that hold no others, so that a number means what a reader of the drawing counts. */
function sizeOf(chart: Chart): { readonly states: number; readonly transitions: number } {
  const parents = new Set(chart.states.map((state) => state.parent));
  return {
    states: chart.states.filter((state) => !parents.has(state.path)).length,
    transitions: chart.edges.length,
  };
}

export interface ShowMachineOptions {
  readonly format: 'svg' | 'mermaid' | 'json';
  /** States and events alone. */
  readonly overview?: boolean;
  readonly theme: SvgTheme;
}

/** `machines show NAME` */
export async function showMachine(
  _session: Session,
  name: string,
  options: ShowMachineOptions,
): Promise<Outcome> {
  const machines = allMachines();
  const found = machines.find((machine) => machine.name === name);
  if (found === undefined)
    throw usageFailure(
      `there is no machine called '${name}'`,
      `There are: ${machines.map((machine) => machine.name).join(', ')}.`,
    );
  const chart = chartOf(found.machine);
  if (options.format === 'json') {
    const text = chartJson(chart).trimEnd();
    return { data: JSON.parse(text), text };
  }
  const drawing = options.format === 'svg' ? await svgOfMachine(chart, options) : mermaidOf(chart);
  const text = drawing.trimEnd();
  return { data: { name, format: options.format, drawing: text }, text };
}

async function svgOfMachine(chart: Chart, { overview, theme }: ShowMachineOptions): Promise<string> {
  const { drawingsOf } = await import('./machine-drawings.ts');
  const { all, names } = drawingsOf(chart);
  return svgOf(overview === true ? names : all, theme);
}
