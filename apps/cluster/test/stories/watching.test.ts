import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type TestCluster, withCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { Load, missingFrom, readAll } from '../support/records.ts';
import { TestViewer } from '../support/viewer.ts';

const topic = 'laser';

function portOf(cluster: TestCluster, id: number): number {
  const node = cluster.file().nodes.find((candidate) => candidate.id === id);
  if (node === undefined) throw new Error(`there is no node ${id}`);
  return node.port;
}

/** As the console does, by a click. */
async function breakBy(port: number, order: object): Promise<{ ok: boolean; data?: { text: string } }> {
  const response = await fetch(`http://127.0.0.1:${port}/break`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-odradek-console': '1' },
    body: JSON.stringify(order),
  });
  return (await response.json()) as { ok: boolean; data?: { text: string } };
}

/** X8: whoever sees all there is to see of a node's actors, links and sessions among them, does not see what proves a node. */
async function expectNoSecret(cluster: TestCluster, viewer: TestViewer): Promise<void> {
  const secret = readFileSync(join(cluster.dataDirectory, 'cluster.secret'));
  const text = secret.toString('utf8').trim();
  const paths = [...viewer.world.actors.keys()];
  expect(paths.some((path) => path.includes('/network/link-'))).toBe(true);
  expect(paths.some((path) => path.includes('/network/session-'))).toBe(true);
  for (const [id, path] of paths.slice(0, 40).entries()) viewer.ask({ ask: 'look', id, path });
  await eventually('all are looked at', () => viewer.answers.length >= Math.min(40, paths.length));
  const seen = JSON.stringify([viewer.answers, viewer.heard]);
  for (const form of [text, ...(['hex', 'base64', 'base64url'] as const).map((as) => secret.toString(as))])
    expect(seen.includes(form)).toBe(false);
  const token = cluster.file().control?.token ?? '';
  expect(token.length).toBeGreaterThan(20);
  expect(seen.includes(token)).toBe(false);
}

describe('watching a cluster through one of its brokers', () => {
  it(
    'a leader dies under load by a click: the story is that of the log, the picture that of the cluster, and no record is lost',
    () =>
      withCluster({ controllers: 1 }, async (cluster) => {
        const client = cluster.client();
        await client.admin().createTopic({ name: topic, assignment: [[1, 2, 3]] });
        const port = portOf(cluster, 2);
        const load = new Load(client, topic);
        await load.more(50);
        const home = await new TestViewer(port, '/watch').connect();
        const leader = await new TestViewer(port, '/watch/1').connect();
        const controller = await new TestViewer(port, '/watch/101').connect();
        await eventually('all tell', () =>
          [home, leader, controller].every(({ world }) => world.topics.has(topic)),
        );
        expect(home.world.hellos.get('')).toMatchObject({ nodeId: 2, allowed: ['break', 'administer'] });
        expect(leader.world.hellos.get('')?.nodeId).toBe(1);
        expect(leader.world.replicas.get(`1/${topic}-0`)?.role).toBe('leader');
        await load.more(200);
        await eventually('the follower is seen to follow', () => {
          const end = leader.world.replicas.get(`1/${topic}-0`)?.logEndOffset ?? 0;
          return end > 250 && (home.world.replicas.get(`2/${topic}-0`)?.highWatermark ?? 0) > 250;
        });

        await expectNoSecret(cluster, leader);

        const killed = await breakBy(port, { do: 'kill', nodes: [1] });
        expect(killed).toMatchObject({ ok: true, data: { text: expect.stringContaining('killed node 1') } });
        await eventually('its stream has ended', () => leader.ended !== undefined);
        await eventually('another leads', () => home.world.topics.get(topic)?.partitions[0]?.leader === 2);
        await eventually('the new leader is seen to lead', () =>
          [...home.world.actors.values()].some(
            ({ path, value }) => path === `broker-2/${topic}-0` && JSON.stringify(value).includes('leading'),
          ),
        );
        await load.more(50);

        expect((await breakBy(port, { do: 'start', nodes: [1] })).ok).toBe(true);
        await leader.connect();
        await eventually(
          'its new life tells',
          () => leader.streams === 2 && leader.world.brokers.get(1)?.state === 'running',
        );
        await load.stop();
        const { acknowledged } = load;
        expect(missingFrom(await readAll(client, topic, [0]), [...acknowledged])).toEqual([]);

        const told = controller.world.story.filter(({ actor }) => actor === 'controller-101/controller');
        const elected = told.findIndex(({ text }) => text.includes(`${topic}-0: broker 2 leads (epoch 1)`));
        const fenced = told.findIndex(({ text }) => text.includes('broker 1 is fenced'));
        expect(fenced).toBeGreaterThan(0);
        expect(told[fenced - 1]).toMatchObject({
          text: 'fences broker 1: its link is closed, and its address refuses',
          rule: 'C8',
        });
        expect(elected).toBeGreaterThan(fenced);
        expect(told[elected]).toMatchObject({ event: 'leader elected', rule: 'C3', partition: `${topic}-0` });
        // What the terminal was told is what viewers were told, in the same order.
        const news = told.map(({ text }) => text).filter((text) => /fenced|leads|serves|in sync/.test(text));
        const printed = cluster.said.map((line) => line.split('  ').at(-1)?.trim() ?? '');
        expect(printed.filter((line) => news.includes(line))).toEqual(news);
        for (const viewer of [home, leader, controller]) viewer.close();
      }),
    90_000,
  );

  it(
    'the broker that serves the page may be the one that is killed: it answers first',
    () =>
      withCluster({ brokers: 2 }, async (cluster) => {
        const home = await new TestViewer(portOf(cluster, 1)).connect();
        await eventually('it tells', () => home.world.brokers.size === 2);
        expect(await breakBy(portOf(cluster, 1), { do: 'kill', nodes: [1] })).toMatchObject({ ok: true });
        await eventually('it is gone', () => home.ended !== undefined);
        await eventually('and down', () => cluster.file().nodes[0]?.pid === null);
        expect(await breakBy(portOf(cluster, 2), { do: 'start', nodes: [1] })).toMatchObject({ ok: true });
        await home.connect();
        await eventually('it is back, with a stream of its new life', () => home.streams === 2);
        home.close();
      }),
    90_000,
  );
});
