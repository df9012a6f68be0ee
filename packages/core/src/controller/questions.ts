// What the controller is asked: its APIs, the refusal of each, and which decision answers which (A5).

import {
  type AdminApi,
  type KafkaErrorName,
  type Peer,
  type PeerAnswer,
  type PeerApi,
  type PeerRequest,
  peerMessages,
} from '@odradek/model';
import { alterPartitions } from './alter-partitions.ts';
import { alterConfigs } from './configs.ts';
import { electLeaders } from './elections.ts';
import { heartbeat } from './lifecycle.ts';
import type { Liveness } from './liveness.ts';
import type { Decision, Plan } from './plan.ts';
import { allocateProducerIds } from './producer-ids.ts';
import { registerBroker } from './registration.ts';
import { createPartitions, createTopics, deleteTopics } from './topics.ts';
import { reportTruncations } from './truncations.ts';

const brokerApis = [
  'registerBroker',
  'brokerHeartbeat',
  'alterPartitions',
  'allocateProducerIds',
  'reportTruncations',
] as const;
const adminApis = [
  'createTopics',
  'deleteTopics',
  'createPartitions',
  'alterConfigs',
  'electLeaders',
] as const satisfies readonly AdminApi[];

/** The APIs that the active controller answers. */
export type ControllerApi = (typeof brokerApis)[number] | AdminApi;

const controllerApis: ReadonlySet<PeerApi> = new Set([...brokerApis, ...adminApis]);

export function isControllerRequest(request: PeerRequest): request is PeerRequest<ControllerApi> {
  return controllerApis.has(request.api);
}

/** One question, and the way back for its answer. */
export interface Question {
  readonly peer: Pick<Peer, 'id'>;
  readonly request: PeerRequest<ControllerApi>;
  readonly answer: (answer: PeerAnswer) => void;
}

/** The answer that only says an error; and why, where the answer has room for it. */
export function refusalTo(api: ControllerApi, error: KafkaErrorName, message: string): PeerAnswer {
  const { fallback } = peerMessages[api].response;
  const why = 'errorMessage' in fallback ? { errorMessage: message } : {};
  return { api, body: { ...fallback, error, ...why } } as PeerAnswer;
}

/**
 * C1: the error of what was decided and not committed, so that it may or may not happen. To a broker, which asks again whatever
 * became of it, it is a change of the controller; to a client that would say that nothing has happened.
 */
export function outcomeUnknown(api: ControllerApi): KafkaErrorName {
  return adminApis.some((one) => one === api) ? 'REQUEST_TIMED_OUT' : 'NOT_CONTROLLER';
}

/** X8: a broker speaks for itself alone. */
export function speaksForAnother({ peer, request: { body } }: Question): boolean {
  return 'brokerId' in body && body.brokerId !== peer.id;
}

/** Decides one question. It reads the plan's image and changes nothing but the plan. */
export function decide(
  plan: Plan,
  request: PeerRequest<ControllerApi>,
  liveness: Liveness,
  newId: () => string,
): Decision<PeerAnswer> {
  switch (request.api) {
    case 'registerBroker':
      return named(request, registerBroker(plan, request.body, liveness.holderOf(request.body.brokerId)));
    case 'brokerHeartbeat': {
      const { brokerId } = request.body;
      const offset = liveness.shutdownOffsetOf(brokerId);
      return named(
        request,
        heartbeat(plan, request.body, offset, (end) => liveness.haveAllSeen(end, brokerId)),
      );
    }
    case 'alterPartitions':
      return named(request, alterPartitions(plan, request.body));
    case 'allocateProducerIds':
      return named(request, allocateProducerIds(plan, request.body));
    case 'reportTruncations':
      return named(request, reportTruncations(plan, request.body));
    case 'createTopics':
      return named(request, createTopics(plan, request.body, newId));
    case 'deleteTopics':
      return named(request, deleteTopics(plan, request.body));
    case 'createPartitions':
      return named(request, createPartitions(plan, request.body));
    case 'alterConfigs':
      return named(request, alterConfigs(plan, request.body));
    case 'electLeaders':
      return named(request, electLeaders(plan, request.body));
  }
}

/** The decision with its answer under the name of its API. */
function named<Api extends ControllerApi>(
  { api }: { readonly api: Api },
  decision: Decision<PeerAnswer<Api>['body']>,
): Decision<PeerAnswer> {
  return { ...decision, response: { api, body: decision.response } as PeerAnswer };
}
