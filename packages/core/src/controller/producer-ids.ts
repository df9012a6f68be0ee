// Blocks of producer ids: none is ever given twice (P1, S47).

import { NO_PRODUCER_ID, type PeerRequest, type PeerResponse } from '@odradek/model';
import { registeredBroker } from './lifecycle.ts';
import type { Decision, Plan } from './plan.ts';

/** How many ids a broker gets at once, as in Kafka. */
export const PRODUCER_ID_BLOCK = 1000;

/** The next block. It counts as given once it is in the log, also if its broker never hears of it. */
export function allocateProducerIds(
  plan: Plan,
  request: PeerRequest<'allocateProducerIds'>['body'],
): Decision<PeerResponse<'allocateProducerIds'>> {
  const broker = registeredBroker(plan, request);
  if (typeof broker === 'string')
    return plan.done({ error: broker, firstProducerId: NO_PRODUCER_ID, count: 0 });
  const firstProducerId = plan.image.nextProducerId;
  const nextProducerId = firstProducerId + PRODUCER_ID_BLOCK;
  const { id: brokerId, brokerEpoch } = broker;
  plan.add([{ type: 'ProducerIdsRecord', brokerId, brokerEpoch, nextProducerId }]);
  return plan.done({ error: 'NONE', firstProducerId, count: PRODUCER_ID_BLOCK });
}
