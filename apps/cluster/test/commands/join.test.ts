import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect } from '../../src/connect.ts';
import { newId } from '../../src/uuid.ts';
import { type HandMadeNode, HandMadeNodes } from '../support/by-hand.ts';
import { eventually } from '../support/eventually.ts';

let nodes: HandMadeNodes;
beforeEach(() => {
  nodes = new HandMadeNodes();
});
afterEach(() => nodes.end());

/** Formats voters by hand, each with the same list and the same secret, and starts them. */
async function startVoters(voters: readonly HandMadeNode[]): Promise<void> {
  const list = voters.map(({ id, port }) => `${id}@127.0.0.1:${port}:${newId()}`).join(',');
  const [first] = voters;
  for (const { config, secret } of voters) {
    if (first !== undefined && secret !== first.secret) copyFileSync(first.secret, secret);
    const ran = await nodes.odradek(
      'format',
      '--config',
      config,
      '--cluster-id',
      'by-hand',
      '--voters',
      list,
    );
    expect(ran).toMatchObject({ exitCode: 0 });
  }
  await Promise.all(voters.map((voter) => nodes.start(voter)));
}

it('Q13 a fourth machine joins three by format --join: it observes the quorum, and takes replicas', async () => {
  const [one, two, three, four] = await nodes.configure([1, 2, 3, 4]);
  if (one === undefined || two === undefined || three === undefined || four === undefined)
    throw new Error('not four nodes');
  await startVoters([one, two, three]);
  const at = `127.0.0.1:${two.port}`;
  const join = ['format', '--config', four.config, '--join', at];
  const namesake = `${four.config}.namesake`;
  writeFileSync(namesake, readFileSync(four.config, 'utf8').replace('node.id=4', 'node.id=3'));

  const refusals = [
    [[...join], 2, `there is no secret in ${four.secret}`],
    [[...join, '--cluster-id', 'another', '--secret-file', one.secret], 1, 'is of cluster by-hand'],
    [[...join, '--voters', `4@127.0.0.1:${four.port}`], 2, 'exclude each other'],
    [['format', '--config', namesake, '--join', at], 2, 'node 3 votes in that cluster'],
  ] as const;
  for (const [words, exitCode, message] of refusals)
    expect(await nodes.odradek(...words)).toMatchObject({
      exitCode,
      stderr: expect.stringContaining(message),
    });
  expect(existsSync(four.secret)).toBe(false);

  const joined = await nodes.odradek(...join, '--secret-file', one.secret, '--json');
  expect(joined).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(joined.stdout).data).toMatchObject({
    clusterId: 'by-hand',
    nodeId: 4,
    voters: [{ id: 1 }, { id: 2, host: '127.0.0.1', port: two.port }, { id: 3 }],
  });
  expect(readFileSync(four.secret, 'utf8')).toBe(readFileSync(one.secret, 'utf8'));
  await nodes.start(four);

  const client = connect([{ host: '127.0.0.1', port: four.port }]);
  try {
    const admin = client.admin();
    const { quorum } = await admin.clusterStatus();
    expect(quorum.voters.map(({ id }) => id)).toEqual([1, 2, 3]);
    await eventually('4 observes', async () =>
      (await admin.clusterStatus()).quorum.observers.some(({ id }) => id === 4),
    );
    const told = await nodes.odradek('cluster', 'status', '--bootstrap', at, '--json');
    expect(Object.keys(JSON.parse(told.stdout).data.quorum.voters[0])).toEqual(
      'id directoryId logEndOffset reachable'.split(' '),
    );
    await admin.createTopic({ name: 'laser', assignment: [[1, 4]] });
    await eventually('4 is in sync', async () => {
      const [partition] = (await admin.describeTopic('laser')).partitions;
      return partition?.inSyncReplicas.includes(4) === true;
    });
    await admin.createTopic({ name: 'led', assignment: [[4, 2]] });
    await eventually('4 leads', async () => (await admin.describeTopic('led')).partitions[0]?.leader === 4);
  } finally {
    await client.close();
  }
}, 90_000);

it('joining is refused where another secret is in place, and nobody is asked under a wrong address', async () => {
  const [one, two] = await nodes.configure([1, 2]);
  if (one === undefined || two === undefined) throw new Error('not two nodes');
  await startVoters([one]);
  writeFileSync(two.secret, `${'another secret '.repeat(3)}\n`, { mode: 0o600 });
  const join = ['format', '--config', two.config, '--secret-file', one.secret, '--join'];
  expect(await nodes.odradek(...join, `127.0.0.1:${one.port}`)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('has another secret'),
  });
  expect(await nodes.odradek(...join, `127.0.0.1:${two.port}`)).toMatchObject({ exitCode: 3 });
});
