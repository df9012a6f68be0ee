import type { Network, NetworkReply, PeerApi, PeerRequest } from '@odradek/model';
import { expect, it } from 'vitest';
import { ControllerChannel } from '../../src/node/controller-channel.ts';

/** A channel to controllers that answer when the test says so. */
function channelTo(first: number) {
  const asked: { to: number; api: PeerApi; reply: (reply: NetworkReply<PeerApi>) => void }[] = [];
  let leader: number | undefined = first;
  const network = {
    request: (to: number, _: unknown, { api }: PeerRequest, __: number, reply: (typeof asked)[0]['reply']) =>
      asked.push({ to, api, reply }),
  } as unknown as Network;
  const channel = new ControllerChannel(network, () => leader);
  const heard: string[] = [];
  const ask = (request: PeerRequest): void =>
    channel.request(request, 5000, (reply) =>
      heard.push(`${request.api} ${reply.outcome === 'answered' ? 'answered' : reply.reason}`),
    );
  const elect = (id: number | undefined): void => {
    leader = id;
    channel.controllerChanged();
  };
  return { asked, heard, ask, elect };
}

const producerIds = { api: 'allocateProducerIds', body: { brokerId: 1, brokerEpoch: 1 } } as const;
const deletion = { api: 'deleteTopics', body: { timeoutMs: 1, names: [] } } as const;
const block = { error: 'NONE', firstProducerId: 0, count: 1 };

it('W2 what may be asked twice is asked of a new controller as soon as it is known, and the old one is heard no more', () => {
  const { asked, heard, ask, elect } = channelTo(1);
  ask(producerIds);
  elect(undefined);
  elect(1);
  expect(asked).toHaveLength(1);
  elect(2);
  expect(asked.map(({ to, api }) => [to, api])).toEqual([
    [1, 'allocateProducerIds'],
    [2, 'allocateProducerIds'],
  ]);
  asked[0]?.reply({ outcome: 'failed', reason: 'timed out' });
  expect(heard).toEqual([]);
  asked[1]?.reply({ outcome: 'answered', response: block });
  expect(heard).toEqual(['allocateProducerIds answered']);
  elect(3);
  expect(asked).toHaveLength(2);
});

it('C1 a command is not asked twice: its outcome is unknown once another controller is known', () => {
  const { asked, heard, ask, elect } = channelTo(1);
  ask(deletion);
  elect(2);
  expect([asked.length, heard]).toEqual([1, ['deleteTopics controller changed']]);
  asked[0]?.reply({ outcome: 'answered', response: { error: 'NONE' } });
  expect(heard).toHaveLength(1);
});
