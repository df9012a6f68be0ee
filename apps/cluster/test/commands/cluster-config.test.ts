import { afterEach, expect, it } from 'vitest';
import { OneNode } from '../support/one-node.ts';
import { run } from '../support/world.ts';

const nodes = new OneNode();
afterEach(() => nodes.end());

it('cluster alter and describe-config: what may change, what is set, and where; what may not says so', async () => {
  const node = await nodes.start();
  await node.ready;
  const environment = { ODRADEK_BOOTSTRAP: `127.0.0.1:${node.port}` };
  const odradek = (...words: string[]) => run(words, environment);
  expect(await odradek('cluster', 'alter', '--set', 'num.partitions=4')).toMatchObject({
    exitCode: 0,
    stdout: 'altered all brokers\n',
  });
  expect(await odradek('cluster', 'alter', '--broker', '1', '--set', 'fetch.max.bytes=4096')).toMatchObject({
    exitCode: 0,
    stdout: 'altered broker 1\n',
  });
  const created = await odradek('topic', 'create', 'laser', '--json');
  expect(JSON.parse(created.stdout).data.partitions).toBe(4);
  const { stdout } = await odradek('cluster', 'describe-config');
  expect(stdout).toMatch(/^num\.partitions +4 +DYNAMIC_DEFAULT_BROKER_CONFIG +at once, for all$/m);
  expect(stdout).toMatch(/^fetch\.max\.bytes +4096 +DYNAMIC_BROKER_CONFIG +at once, for all or one$/m);
  expect(stdout).not.toMatch(/^node\.id/m);
  expect(stdout).toContain('  all brokers: num.partitions=4\n  broker 1: fetch.max.bytes=4096');
  expect((await odradek('cluster', 'describe-config', '--all')).stdout).toMatch(
    /^node\.id +1 +flags +at a restart$/m,
  );
  const refused = await odradek('cluster', 'alter', '--set', 'node.id=2');
  expect(refused).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('cannot change while nodes run'),
  });
  expect(await odradek('cluster', 'alter')).toMatchObject({ exitCode: 2 });
  expect(nodes.entries.map(({ text }) => text)).toContain('all brokers: num.partitions is 4');
});
