// Senders that do not leave alone what they have sent: the bytes of records are written to a socket after the call that sends them.

import { joinedBytes } from '@odradek/format';
import type { Network, PeerAnswer } from '@odradek/model';
import type { Mutant } from '../mutant.ts';

const POOL_BYTES = 1 << 20;

/** Answers whose records lie in one buffer, which the next answer fills anew. */
function pooled(): (answer: PeerAnswer) => PeerAnswer {
  const pool = new Uint8Array(POOL_BYTES);
  return (answer) => {
    if (answer.api !== 'fetchReplicas') return answer;
    let end = 0;
    const partitions = answer.body.partitions.map((partition) => {
      const bytes = joinedBytes(partition.records);
      pool.set(bytes, end);
      const records = bytes.length === 0 ? [] : [pool.subarray(end, end + bytes.length)];
      end += bytes.length;
      return { ...partition, records };
    });
    return { ...answer, body: { ...answer.body, partitions } };
  };
}

function answeringFromPool(network: Network): Network {
  const fromPool = pooled();
  return {
    request: (...asked) => network.request(...asked),
    address: (...named) => network.address(...named),
    probe: (id) => network.probe(id),
    serve: (handler) =>
      network.serve({
        handle: (peer, request, answer) =>
          handler.handle(peer, request, (response) => answer(fromPool(response))),
        observe: (evidence) => handler.observe(evidence),
      }),
  };
}

const s49: Mutant = {
  name: 'S49',
  what: 'records are sent from a buffer that the next answer fills while they are still under way (S49)',
  ports: (ports) =>
    ports.network === undefined ? ports : { ...ports, network: answeringFromPool(ports.network) },
};

export const wireMutants: readonly Mutant[] = [s49];
