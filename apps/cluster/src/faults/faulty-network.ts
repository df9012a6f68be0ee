// The network port with cuts and delays. Links stay as they are: what is cut is silent, not closed, as when a switch fails.

import type { Clock, Network, Peer, PeerAnswer, PeerHandler } from '@odradek/model';
import type { CurrentFaults } from './faults.ts';

/** The network with the faults of the moment. */
export function faultyNetwork(network: Network, clock: Clock, faults: CurrentFaults): Network {
  const later = (deliver: () => void): void => {
    const { networkDelayMs } = faults();
    if (networkDelayMs === 0) deliver();
    else clock.setTimeout(deliver, networkDelayMs);
  };
  const isCut = (id: number): boolean => faults().cutTo.includes(id);
  return {
    request(to, channel, request, timeoutMs, done) {
      if (isCut(to)) clock.setTimeout(() => done({ outcome: 'failed', reason: 'timed out' }), timeoutMs);
      else later(() => network.request(to, channel, request, timeoutMs, done));
    },
    address: (id, host, port) => network.address(id, host, port),
    probe(id) {
      if (!isCut(id)) network.probe(id);
    },
    serve: (handler) => network.serve(faultyHandler(handler, isCut, later, () => faults().isStopping)),
  };
}

function faultyHandler(
  handler: PeerHandler,
  isCut: (id: number) => boolean,
  later: (deliver: () => void) => void,
  isStopping: () => boolean,
): PeerHandler {
  return {
    handle(peer: Peer, request, answer) {
      handler.handle(peer, request, (response: PeerAnswer) => {
        // The answer is lost on its way; the asker's own timeout ends its wait.
        if (!isCut(peer.id)) later(() => answer(response));
      });
    },
    observe(evidence) {
      if (isStopping() && (evidence.type === 'unlinked' || evidence.type === 'refused')) return;
      // Over a cut nothing is learnt by reaching; that a link has closed is known at this end.
      if ((evidence.type === 'reached' || evidence.type === 'refused') && isCut(evidence.id)) return;
      handler.observe(evidence);
    },
  };
}
