// The controller made a little wrong.

import { NO_BROKER_EPOCH, partitionOf } from '@odradek/model';
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

const m5: Mutant = {
  name: 'M5',
  what: 'the controller does not look whether a proposal was made against the record as it is (I6)',
  proposals: (proposal, image) => ({
    ...proposal,
    partitions: proposal.partitions.map((part) => ({
      ...part,
      partitionEpoch: partitionOf(image, part.topicId, part.partition)?.partitionEpoch ?? part.partitionEpoch,
    })),
  }),
};

const m8: Mutant = {
  name: 'M8',
  what: 'a new process of a broker is taken for the one that is registered, and gets its broker epoch (C6)',
  requests: (request, image) => {
    if (request.api !== 'registerBroker') return request;
    const incarnation = image.brokers.get(request.body.brokerId)?.incarnation ?? request.body.incarnation;
    return { ...request, body: { ...request.body, incarnation } };
  },
};

const m29: Mutant = {
  name: 'M29',
  what: 'the controller does not ask whether a directory knows of the process that is registered (D11)',
  requests: (request, image) => {
    if (request.api !== 'registerBroker') return request;
    const registered = image.brokers.get(request.body.brokerId)?.incarnation;
    if (registered === undefined) return request;
    return { ...request, body: { ...request.body, previousIncarnations: [registered] } };
  },
};

const m30: Mutant = {
  name: 'M30',
  what: 'a broker does not say which of its logs are gone (D8)',
  requests: (request) =>
    request.api === 'registerBroker' ? { ...request, body: { ...request.body, missingLogs: [] } } : request,
};

export const controllerMutants: readonly Mutant[] = [m4, m5, m8, m29, m30];
