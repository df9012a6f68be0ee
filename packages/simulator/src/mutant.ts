// A node that is made a little wrong on purpose, to see whether anybody notices: a guard weakened through `machine.provide`, or a
// port that does not keep what it promises. What ships is never edited; the mutant is handed in where a node is composed.

import type { NodeMachines } from '@odradek/core';
import type { MetadataImage, Network, PeerRequest, Ports } from '@odradek/model';

export interface Mutant {
  /** As schedules and reports call it: `M13`. */
  readonly name: string;
  /** What is wrong with it, in a sentence. */
  readonly what: string;
  /** Machines in the place of those that ship. */
  readonly machines?: Partial<NodeMachines>;
  /** Stands between a node and its ports. A quorum alone has no disk among them: its storage is its own. */
  readonly ports?: <Some extends Partial<Ports>>(ports: Some) => Some;
  /** What the controller reads in the place of a leader's proposal. */
  readonly proposals?: (proposal: Proposal, image: MetadataImage) => Proposal;
  /** What a node reads in the place of what its peers ask. */
  readonly requests?: (request: PeerRequest, image: MetadataImage) => PeerRequest;
}

type Proposal = PeerRequest<'alterPartitions'>['body'];

/** What a node stands on as the mutant has it. `image`: the metadata that the node knows. */
export function weakened(ports: Ports, mutant: Mutant, image: () => MetadataImage): Ports {
  const changed = mutant.ports?.(ports) ?? ports;
  return { ...changed, network: misread(changed.network, mutant, image) };
}

/** A network whose node reads what its peers ask as the mutant has it. */
function misread(network: Network, mutant: Mutant, image: () => MetadataImage): Network {
  const read = (request: PeerRequest): PeerRequest => {
    if (request.api === 'alterPartitions' && mutant.proposals !== undefined)
      return { ...request, body: mutant.proposals(request.body, image()) };
    return mutant.requests?.(request, image()) ?? request;
  };
  return {
    request: (...asked) => network.request(...asked),
    address: (...named) => network.address(...named),
    probe: (id) => network.probe(id),
    serve: (handler) =>
      network.serve({
        handle: (peer, request, answer) => handler.handle(peer, read(request), answer),
        observe: (evidence) => handler.observe(evidence),
      }),
  };
}
