// The drawings of the machines that this program runs. Loaded only when one is to be shown: they are large.

import { diagrams as client } from '@odradek/client/diagrams';
import { diagrams as core } from '@odradek/core/diagrams';
import { diagrams as election } from '@odradek/election/diagrams';
import { diagrams as replication } from '@odradek/replication/diagrams';
import { diagrams as storage } from '@odradek/storage/diagrams';
import { type Chart, type MachineDrawings, readDrawings, show } from '@odradek/trace';
import { diagrams as wire } from '@odradek/wire/diagrams';

/** The drawings of one machine. Its package was laid out when it was built, so there are always some. */
export function drawingsOf(chart: Chart): MachineDrawings {
  const all = [client, core, election, replication, storage, wire].flat().map(readDrawings);
  const found = all.find((drawings) => show(drawings, chart));
  if (found === undefined) throw new Error(`There is no drawing of the machine ${chart.id} as it is.`);
  return found;
}
