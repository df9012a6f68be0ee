// The drawings of the product's machines, and of this page's own.

import { diagrams as client } from '@odradek/client/diagrams';
import { diagrams as core } from '@odradek/core/diagrams';
import { diagrams as election } from '@odradek/election/diagrams';
import { diagrams as replication } from '@odradek/replication/diagrams';
import { diagrams as storage } from '@odradek/storage/diagrams';
import { type Chart, type MachineDrawings, readDrawings, show } from '@odradek/trace';
import { diagrams as wire } from '@odradek/wire/diagrams';
import { diagrams as own } from '../../diagrams/index.ts';

const all = [client, core, election, replication, storage, wire, own].flat().map(readDrawings);

export function knownDrawings(chart: Chart): MachineDrawings | undefined {
  return all.find((drawings) => show(drawings, chart));
}
