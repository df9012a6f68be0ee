import {
  type AdminApi,
  type ClientAnswer,
  type ClientRequest,
  emptyImage,
  type MetadataImage,
  type Network,
  type PeerApi,
  topicByName,
  topicConfig,
} from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { administer } from '../../src/api/admin.ts';
import { ControllerChannel } from '../../src/node/controller-channel.ts';
import { Deadlines } from '../../src/waiting/deadlines.ts';
import { Wakers } from '../../src/waiting/wakers.ts';
import { imageWithTopic, topicId } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';
import { TestClock } from '../support/test-clock.ts';

const [made] = imageWithTopic().topics.values();
const name = made?.name ?? '';

/** A broker whose controller has answered at once, and whose image follows when told. */
function broker(request: ClientRequest<AdminApi>, response: ClientAnswer['body']) {
  const clock = new TestClock();
  const network: Network = {
    request: (_to, _channel, _request, _timeoutMs, done) =>
      done({ outcome: 'answered', response } as Parameters<typeof done>[0]),
    address: () => {},
    probe: () => {},
    serve: () => {},
  };
  let image: MetadataImage = emptyImage;
  const imageChanges = new Wakers();
  const answers: ClientAnswer[] = [];
  administer(
    {
      controller: new ControllerChannel(network, () => 2),
      isControllerGone: () => false,
      missingQuorum: () => '',
      graceMs: 0,
      deadlines: new Deadlines(clock),
      image: () => image,
      imageChanges,
    },
    request,
    (answer) => answers.push(answer),
  );
  const replay = (next: MetadataImage): void => {
    image = next;
    imageChanges.wake();
  };
  return { clock, answers, replay, imageChanges };
}

const success = { error: 'NONE', errorMessage: null };
const creation = {
  api: 'createTopics',
  body: {
    timeoutMs: 1000,
    validateOnly: false,
    requestId: '',
    topics: [{ name, partitions: 1, replicationFactor: 1, assignment: [], config: [] }],
  },
} as const;
const created = {
  ...success,
  topics: [{ ...success, name, topicId, partitions: 1, replicationFactor: 1 }],
};

describe('an answer of the controller', () => {
  it('waits until this broker has replayed it, woken by any replay', () => {
    const { answers, replay, clock } = broker(creation, created);
    replay({ ...emptyImage, offset: 5 });
    expect(answers).toEqual([]);
    replay(imageWithTopic());
    expect(answers).toEqual([{ api: 'createTopics', body: created }]);
    clock.advance(5000);
    expect(answers).toHaveLength(1);
  });

  it('leaves after a second all the same, and is not waited for any more', () => {
    const { answers, imageChanges, clock, replay } = broker(creation, created);
    clock.advance(900);
    expect(answers).toEqual([]);
    clock.advance(200);
    expect(answers).toEqual([{ api: 'createTopics', body: created }]);
    expect(imageChanges.size).toBe(0);
    replay(imageWithTopic());
    expect(answers).toHaveLength(1);
  });

  it('leaves at once when it refuses, or when nothing was to be done', () => {
    const refused = { ...created, topics: [{ ...created.topics[0], error: 'TOPIC_ALREADY_EXISTS' }] };
    expect(broker(creation, refused as typeof created).answers).toHaveLength(1);
    expect(broker(creation, { ...created, error: 'NOT_CONTROLLER' }).answers).toHaveLength(1);
    const validation = { ...creation, body: { ...creation.body, validateOnly: true, requestId: '' } };
    expect(broker(validation, created).answers).toHaveLength(1);
  });
});

describe('a client reads from a broker what it wrote through it', () => {
  it.each([1, 2, 3])('through broker %i, whoever the controller is', (id) => {
    const cluster = new MadeUpCluster([1, 2, 3]);
    for (const node of [1, 2, 3]) cluster.start(node);
    cluster.until('three running brokers', () =>
      [...cluster.nodes.values()].every((node) => node.state === 'running'),
    );
    const node = cluster.nodes.get(id);
    const image = (): MetadataImage => node?.image ?? emptyImage;
    /** What this broker's image shows in the moment of the answer. */
    const seen = <Shown>(
      request: ClientRequest<AdminApi & PeerApi>,
      look: () => Shown,
    ): Shown | undefined => {
      let shown: { readonly shown: Shown } | undefined;
      const client = { connection: 'test', reachedHost: 'made-up', reachedPort: id };
      node?.clients.handle(client, request, ({ body }) => {
        expect(body.error).toBe('NONE');
        shown = { shown: look() };
      });
      cluster.until('an answer', () => shown !== undefined);
      return shown?.shown;
    };
    const timeoutMs = 5000;
    const topic = { name: 'laser', partitions: 2, replicationFactor: 3, assignment: [], config: [] };
    const create = {
      api: 'createTopics',
      body: { timeoutMs, validateOnly: false, requestId: '', topics: [topic] },
    } as const;
    expect(seen(create, () => topicByName(image(), 'laser')?.partitions.length)).toBe(2);
    const topics = [{ name: 'laser', count: 5, assignment: [] }];
    const grow = { api: 'createPartitions', body: { timeoutMs, topics } } as const;
    expect(seen(grow, () => topicByName(image(), 'laser')?.partitions.length)).toBe(5);
    const changes = [{ name: 'retention.ms', value: '1000' }];
    const alter = { api: 'alterConfigs', body: { timeoutMs, topic: 'laser', changes, broker: -1 } } as const;
    expect(seen(alter, () => topicConfig(image(), 'laser').get('retention.ms'))).toBe('1000');
    const remove = { api: 'deleteTopics', body: { timeoutMs, names: ['laser'] } } as const;
    expect(seen(remove, () => topicByName(image(), 'laser') === undefined)).toBe(true);
  });
});
