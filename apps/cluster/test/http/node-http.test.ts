import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/connect.ts';
import type { RunningNode } from '../../src/node.ts';
import { eventually } from '../support/eventually.ts';
import { parseExposition, seriesValue } from '../support/exposition-parser.ts';
import { OneNode } from '../support/one-node.ts';

const nodes = new OneNode();
afterEach(() => nodes.end());

const start = (others: readonly number[] = []): Promise<RunningNode> => nodes.start(others);

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function ask(
  { port }: RunningNode,
  path: string,
  method = 'GET',
  host = `127.0.0.1:${port}`,
): Promise<Answer> {
  const headers = { host, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) };
  const asked = request({ host: '127.0.0.1', port, path, method, headers }).end();
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, type: response.headers['content-type'] ?? '', text };
}

describe('HTTP on the one port', () => {
  it('/readyz passes once the node serves, and says each condition when asked', async () => {
    const started = await start();
    await started.ready;
    expect(await ask(started, '/readyz')).toMatchObject({ status: 200, text: 'ok\n' });
    const { text } = await ask(started, '/readyz?verbose');
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^\[\+\]metadata-log ok: open, replayed up to offset \d+$/),
      expect.stringMatching(/^\[\+\]registered ok: with broker epoch \d+$/),
      '[+]unfenced ok: it may lead partitions',
      '[+]logs ok: 0 here, none has failed',
      '[+]room ok: the disk has room for records',
      '[+]running ok: the node serves',
      '[+]controller ok: this node leads the quorum in epoch 1',
      'readyz check passed',
      '',
    ]);
  });

  it('/readyz of a node without a quorum is 503 and says why, while /livez is well', async () => {
    const started = await start([2, 3]);
    await eventually('the metadata log is open', async () =>
      (await ask(started, '/readyz')).text.includes('[+]metadata-log'),
    );
    const { status, text } = await ask(started, '/readyz');
    expect(status).toBe(503);
    expect(text).toContain('[-]registered failed: no controller has registered this broker yet');
    expect(text).toContain('[!]controller (not needed): no active controller is known');
    expect(text).toContain('readyz check failed');
    expect(await ask(started, '/livez')).toMatchObject({ status: 200, text: 'ok\n' });
  });

  it('/metrics is what Prometheus reads, and counts what was done', async () => {
    const started = await start();
    await started.ready;
    const client = connect([started]);
    try {
      await client.admin().createTopic({ name: 'laser', partitions: 2 });
      const producer = client.producer();
      await Promise.all(['a', 'b'].map((value) => producer.send({ topic: 'laser', partition: 0, value })));
    } finally {
      await client.close();
    }
    const { status, type, text } = await ask(started, '/metrics');
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const families = parseExposition(text);
    const value = (name: string, labels = {}): number | undefined => seriesValue(families, name, labels);
    expect(value('kafka_server_brokertopicmetrics_messagesin_total')).toBe(2);
    expect(value('kafka_network_requestmetrics_requests_total', { request: 'Produce', from: 'client' })).toBe(
      1,
    );
    expect(value('odradek_request_seconds_count', { request: 'Produce', from: 'client' })).toBe(1);
    expect(value('kafka_topic_partition_current_offset', { topic: 'laser', partition: '0' })).toBe(2);
    expect(value('kafka_controller_kafkacontroller_activecontrollercount')).toBe(1);
    expect(value('kafka_controller_kafkacontroller_globalpartitioncount')).toBe(2);
    expect(value('odradek_actors', { machine: 'partition', state: 'hosted.leading' })).toBe(2);
    expect(value('odradek_log_flush_seconds_count', { log: 'partition' })).toBeGreaterThan(0);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(0);
    expect(value('kafka_server_socket_server_metrics_connection_count')).toBeGreaterThan(0);
  });

  it('many who ask at once are answered alike', async () => {
    const started = await start();
    await started.ready;
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(started, '/metrics')));
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(parseExposition(text).size).toBeGreaterThan(30);
    }
  });

  it('X10 a foreign host is refused, other paths and methods say what there is', async () => {
    const started = await start();
    expect(await ask(started, '/metrics', 'GET', 'rebound.example')).toMatchObject({ status: 403 });
    const missing = await ask(started, '/metrics/../secret');
    expect(missing).toMatchObject({
      status: 404,
      text: expect.stringContaining('There is: /, /metrics, /livez'),
    });
    for (const path of ['/metrics', '/livez', '/nothing'])
      expect(await ask(started, path, 'POST')).toMatchObject({ status: 405 });
    expect(await ask(started, '/break')).toMatchObject({ status: 405 });
    expect(await ask(started, '/livez', 'HEAD')).toMatchObject({ status: 200, text: '' });
  });
});
