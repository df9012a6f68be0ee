// The machines that this very program runs, as drawings and as data.

import * as client from '@odradek/client';
import * as core from '@odradek/core';
import * as election from '@odradek/election';
import * as replication from '@odradek/replication';
import * as storage from '@odradek/storage';
import { type Chart, chartJson, chartOf, isMachine, type Machine, mermaidOf } from '@odradek/trace';
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

/** `machines show NAME` */
export async function showMachine(
  _session: Session,
  name: string,
  { format }: { readonly format: 'mermaid' | 'json' },
): Promise<Outcome> {
  const machines = allMachines();
  const found = machines.find((machine) => machine.name === name);
  if (found === undefined)
    throw usageFailure(
      `there is no machine called '${name}'`,
      `There are: ${machines.map((machine) => machine.name).join(', ')}.`,
    );
  const chart = chartOf(found.machine);
  const text = (format === 'mermaid' ? mermaidOf(chart) : chartJson(chart)).trimEnd();
  return { data: format === 'mermaid' ? { name, format, drawing: text } : JSON.parse(text), text };
}
