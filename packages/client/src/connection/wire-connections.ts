// Connections over the wire's links.

import type { Compute } from '@odradek/model';
import { createClientLinks, type Dial } from '@odradek/wire';
import { addressText } from '../cluster/cluster-image.ts';
import type { MachineRoom } from '../machine/machine-room.ts';
import type { Connect } from './connection.ts';

/** Makes connections over links that share one supervisor. */
export function wireConnections(room: MachineRoom, compute: Compute, dial: Dial): Connect {
  const links = createClientLinks({ clock: room.clock, random: room.random, compute, dial });
  if (room.inspect !== undefined) links.root.system.inspect(room.inspect);
  let made = 0;
  return (address) => {
    made += 1;
    return links.connect(`${addressText(address)}/${made}`, address);
  };
}
