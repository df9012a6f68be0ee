import { afterEach, expect, it } from 'vitest';
import { connect } from '../../src/connect.ts';
import { textLine } from '../../src/log/entry.ts';
import { eventually } from '../support/eventually.ts';
import { OneNode } from '../support/one-node.ts';

const nodes = new OneNode();
afterEach(() => nodes.end());

/** The lines without their times. */
function lines(): string[] {
  return nodes.entries.map((entry) => textLine(entry, new Date()).slice(14));
}

it('a node tells its life, the elections, its partitions, and no request', async () => {
  const node = await nodes.start();
  await node.ready;
  const client = connect([node]);
  try {
    await client.admin().createTopic({ name: 'laser', partitions: 1 });
    await eventually('it leads', () => lines().some((line) => line.includes('leads in epoch')));
    const before = nodes.entries.length;
    const producer = client.producer();
    for (let count = 0; count < 20; count++) await producer.send({ topic: 'laser', value: 'a' });
    expect(nodes.entries.length).toBe(before);
    await client.admin().alterConfig('laser', { 'retention.ms': '1000' });
    await client.admin().deleteTopic('laser');
    await eventually('it is gone', () => lines().some((line) => line.includes('is deleted here')));
  } finally {
    await client.close();
  }
  await nodes.stop();
  expect(lines()).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^info {3}broker-1\/quorum {2}leads the quorum in epoch 1 {2}\(candidate.*→ leader/,
      ),
      expect.stringMatching(/^info {3}broker-1\/broker {2}is registered with broker epoch \d+ .*C6\)$/),
      expect.stringMatching(
        /^info {3}broker-1\/broker {2}serves {2}\(fenced —unfenced→ running.serving, C7\)$/,
      ),
      expect.stringMatching(/^info {3}broker-1\/controller {2}is the active controller/),
      expect.stringMatching(
        /^info {3}broker-1\/laser-0 {2}leads in epoch 0, in sync 1 {2}\(hosted.offline —log opened→ hosted.leading/,
      ),
      expect.stringMatching(/topic laser: retention.ms is 1000|topic laser is there, with 1 partition/),
      expect.stringMatching(
        /^info {3}broker-1\/laser-0 {2}is deleted here {2}\(hosted.leading —deleted→ deleted/,
      ),
      expect.stringMatching(
        /^info {3}broker-1\/broker {2}has stopped {2}\(draining.closing —closed→ stopped\)$/,
      ),
    ]),
  );
});
