// The console's part of a node: what it serves, who watches through it, and what is handed on to other nodes.

import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { OdradekNode } from '@odradek/core';
import type { Configuration, Network } from '@odradek/model';
import type { Hello, Teller, WatchedRoot } from '@odradek/trace';
import type { NodeLog } from '../log/node-log.ts';
import { BreakDoor, type GiveOrder } from './break-door.ts';
import { NetworkCounts } from './network-counts.ts';
import { nodeTeller, saidOf } from './node-teller.ts';
import { Relay } from './relay.ts';
import { type Address, Site } from './site.ts';
import { takeUpgrade } from './upgrades.ts';
import { WatchDoor } from './watch-door.ts';

export interface NodeConsoleOptions {
  readonly configuration: Configuration;
  readonly clusterId: string;
  readonly log: NodeLog;
  readonly giveOrder: GiveOrder | undefined;
}

/** Where the built page is: beside the bundle, or beside the sources. */
const pageDirectories = ['../../visualizer/dist', '../../../visualizer/dist'].map((path) =>
  join(import.meta.dirname, path),
);

export class NodeConsole {
  readonly site: Site;
  readonly breaking: BreakDoor;
  readonly #nodeId: number;
  readonly #counts: NetworkCounts;
  readonly #teller: Teller;
  readonly #watch: WatchDoor;
  readonly #relay: Relay;
  #node: OdradekNode | undefined;

  constructor({ configuration, clusterId, log, giveOrder }: NodeConsoleOptions) {
    const nodeId = configuration.values['node.id'];
    const onTrouble = (text: string): void => log.add({ level: 'warn', event: 'watching failed', text });
    this.#nodeId = nodeId;
    this.site = new Site({ directories: pageDirectories, nodeId, others: () => this.#nodeAddresses() });
    this.breaking = new BreakDoor(nodeId, giveOrder);
    this.#counts = new NetworkCounts(nodeId, (to, name, body) => this.#teller.sent(`node ${to}`, name, body));
    this.#teller = nodeTeller({
      nodeId,
      clusterId,
      allowed: allowedBy(configuration, giveOrder),
      node: () => this.#node,
      network: this.#counts,
      onTrouble,
    });
    this.#watch = new WatchDoor({ teller: this.#teller, onTrouble });
    this.#relay = new Relay({ addressOf: (id) => addressIn(this.#node, id) });
    log.listen(
      (entry) => this.#teller.say(saidOf(entry)),
      () => this.#teller.viewers > 0,
    );
  }

  /** The network with its messages counted while somebody watches. */
  over(network: Network): Network {
    return this.#counts.over(network);
  }

  /** The node is there. `connections`: the root of its links and sessions. */
  show(node: OdradekNode, connections: WatchedRoot): void {
    this.#node = node;
    this.#teller.attach(node.root);
    this.#teller.attach(connections, node.root.id);
  }

  /** Whether a page that was served under this address comes from a node of this cluster. */
  isNode(host: string, port: number): boolean {
    return this.#nodeAddresses().some(
      (node) => node.port === port && (node.host === host || (isLoopback(node.host) && isLoopback(host))),
    );
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    return takeUpgrade(
      { nodeId: this.#nodeId, watch: this.#watch, relay: this.#relay },
      request,
      socket,
      head,
    );
  }

  #nodeAddresses(): readonly Address[] {
    return [...(this.#node?.image.brokers.values() ?? [])].flatMap(({ endPoints: [first] }) => first ?? []);
  }

  close(): void {
    this.#watch.close();
    this.#relay.close();
  }
}

function allowedBy({ values }: Configuration, giveOrder: GiveOrder | undefined): Hello['allowed'] {
  return [
    ...(giveOrder === undefined ? [] : ['break' as const]),
    ...(values['odradek.console.allow'] === 'administer' ? ['administer' as const] : []),
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.[\d.]+$/.test(host);
}

/** Where a broker has registered, or a voter is said to be. */
function addressIn(node: OdradekNode | undefined, id: number): Address | undefined {
  const [endPoint] = node?.image.brokers.get(id)?.endPoints ?? [];
  if (endPoint !== undefined) return { host: endPoint.host, port: endPoint.port };
  const voter = node?.metadataQuorum?.quorum.describe().voters.find((one) => one.id === id);
  return voter === undefined || voter.port === 0 ? undefined : { host: voter.host, port: voter.port };
}
