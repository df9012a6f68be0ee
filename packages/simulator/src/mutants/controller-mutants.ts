// The controller made a little wrong.

import { NO_BROKER_EPOCH } from '@odradek/model';
import type { Mutant } from '../mutant.ts';

const m4: Mutant = {
  name: 'M4',
  what: 'the controller does not look in which life a replica that joins has fetched (I6, KIP-903)',
  proposals: (proposal, image) => {
    const inPresentLife = ({ brokerId }: { readonly brokerId: number }) => ({
      brokerId,
      brokerEpoch: image.brokers.get(brokerId)?.brokerEpoch ?? NO_BROKER_EPOCH,
    });
    const partitions = proposal.partitions.map((part) => ({
      ...part,
      inSyncReplicas: part.inSyncReplicas.map(inPresentLife),
    }));
    return { ...proposal, partitions };
  },
};

export const controllerMutants: readonly Mutant[] = [m4];
