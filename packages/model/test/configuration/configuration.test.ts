import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  clusterSettingProblem,
  emptyImage,
  environmentSource,
  fileSource,
  flagSource,
  listenerOf,
  type MetadataRecord,
  parseProperties,
  replayAll,
  resolveConfiguration,
  settingNames,
  settings,
  shortTimers,
  topicConfiguration,
  topicSetting,
  topicSettingProblem,
  topicSettingSource,
} from '../../src/index.ts';

const node = flagSource({ 'node.id': '1' });

function problemsOf(entries: Record<string, string>): readonly string[] {
  try {
    resolveConfiguration([node, flagSource(entries)]);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('the table', () => {
  it('has a default that is allowed, and a text, for every setting', () => {
    for (const name of settingNames) {
      const { default: initial, read, text } = settings[name];
      expect(text, name).toMatch(/\.$/);
      if (name !== 'node.id') expect(read(initial ?? ''), name).toBeDefined();
    }
  });
});

describe('sources', () => {
  it('the strongest wins, and every value knows its origin', () => {
    const file = fileSource('server.properties', 'num.partitions=3\nlog.segment.bytes=4096\nbroker.rack=a');
    const environment = environmentSource({ KAFKA_LOG_SEGMENT_BYTES: '8192', KAFKA_HEAP_OPTS: '-Xmx1G' });
    const made = resolveConfiguration([node, file, environment, flagSource({ 'broker.rack': 'b' })]);
    expect(made.values['num.partitions']).toBe(3);
    expect(made.values['log.segment.bytes']).toBe(8192);
    expect(made.origins.get('log.segment.bytes')).toEqual({ text: '8192', origin: 'environment' });
    expect(made.origins.get('broker.rack')).toEqual({ text: 'b', origin: 'flags' });
    expect(made.origins.get('min.insync.replicas')).toEqual({ text: '1', origin: 'default' });
  });

  it('a name that nobody knows is a warning in a file, which may be Kafka’s, and an error elsewhere', () => {
    const made = resolveConfiguration([node, fileSource('server.properties', 'num.network.threads=3')]);
    expect(made.warnings).toEqual(['there is no setting num.network.threads (server.properties)']);
    expect(problemsOf({ 'min.insync_replicas': '2' })).toEqual([
      'there is no setting min.insync_replicas (flags); min.insync.replicas is meant, perhaps',
    ]);
  });

  it('says all that is wrong at once: what, where and what is allowed', () => {
    expect(
      problemsOf({
        'min.insync.replicas': '0',
        'odradek.flush.policy': 'never',
        'auto.create.topics.enable': 'yes',
        'process.roles': 'broker,king',
        'log.cleaner.min.cleanable.ratio': '2',
        listeners: 'SSL://here:1',
      }),
    ).toEqual([
      'process.roles is "broker,king" (flags): allowed is one or more of broker, controller, with commas between them',
      'listeners is "SSL://here:1" (flags): allowed is one listener, PLAINTEXT://HOST:PORT; without HOST every address, port 0: any free one',
      'auto.create.topics.enable is "yes" (flags): allowed is true or false',
      'odradek.flush.policy is "never" (flags): allowed is one of commit, os, memory',
      'min.insync.replicas is "0" (flags): allowed is a whole number from 1 to 32767',
      'log.cleaner.min.cleanable.ratio is "2" (flags): allowed is a number from 0 to 1',
    ]);
    expect(() => resolveConfiguration([])).toThrow('node.id is not set: allowed is a whole number from 0');
  });

  it('says what is wrong only together', () => {
    expect(problemsOf({ 'broker.heartbeat.interval.ms': '10000' })).toEqual([
      'broker.heartbeat.interval.ms (10000) must not be above broker.session.timeout.ms (9000): a broker would be fenced between two heartbeats',
    ]);
  });

  it('the short timers of one machine are weaker than the user', () => {
    const { values, origins } = resolveConfiguration([
      shortTimers,
      node,
      flagSource({ 'replica.lag.time.max.ms': '5000' }),
    ]);
    expect(values['broker.session.timeout.ms']).toBe(3000);
    expect(values['replica.lag.time.max.ms']).toBe(5000);
    expect(origins.get('broker.heartbeat.interval.ms')).toEqual({ text: '300', origin: 'up' });
  });
});

describe('notations', () => {
  it('reads property files as Java does', () => {
    const text = '# no\n! no\n a = 1 \nb:2\nc 3\nd=x\\\n   y\ne=\\u00e9\\t\\=\n\nf\ng\\=h=i';
    expect([...parseProperties(text)]).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', 'xy'],
      ['e', 'é\t='],
      ['f', ''],
      ['g=h', 'i'],
    ]);
  });

  it.each([
    ['PLAINTEXT://localhost:9092', 'localhost', 9092],
    ['PLAINTEXT://:0', '', 0],
    ['PLAINTEXT://[::1]:9092', '::1', 9092],
  ])('reads the listener %s', (given, host, port) => {
    expect(listenerOf(given)).toEqual({ name: 'PLAINTEXT', host, port });
  });

  it.each([
    'localhost:9092',
    'PLAINTEXT://a:70000',
    'PLAINTEXT://a b:1',
    'PLAINTEXT://a/b:1',
    'PLAINTEXT://::1:2',
  ])('refuses the listener %s', (given) => {
    expect(listenerOf(given)).toBeUndefined();
  });
});

describe('the settings of a topic', () => {
  const topicId = 'b5axm6wrRcaYftqODEtPzw';
  const config = (
    resourceType: number,
    resourceName: string,
    name: string,
    value: string,
  ): MetadataRecord => ({
    type: 'ConfigRecord',
    resourceType,
    resourceName,
    name,
    value,
  });
  const image = replayAll(
    emptyImage,
    [
      { type: 'TopicRecord', name: 'laser', topicId },
      config(2, 'laser', 'segment.bytes', '2048'),
      config(4, '', 'min.insync.replicas', '2'),
    ],
    0,
  );
  const own = resolveConfiguration([
    node,
    flagSource({ 'log.retention.ms': '-1', 'log.segment.bytes': '9999' }),
  ]);

  it('are its own, else the cluster’s, else the node’s, else the default', () => {
    expect(topicSetting(image, own, 'laser', 'segment.bytes')).toBe(2048);
    expect(topicConfiguration(image, own, 'laser')).toMatchObject({
      'min.insync.replicas': 2,
      'retention.ms': -1,
      'unclean.leader.election.enable': false,
      'cleanup.policy': ['delete'],
    });
    const source = (name: 'segment.bytes' | 'min.insync.replicas' | 'retention.ms' | 'segment.ms') =>
      topicSettingSource(image, own, 'laser', name);
    expect(source('segment.bytes')).toEqual({ text: '2048', source: 'DYNAMIC_TOPIC_CONFIG' });
    expect(source('min.insync.replicas')).toEqual({ text: '2', source: 'DYNAMIC_DEFAULT_BROKER_CONFIG' });
    expect(source('retention.ms')).toEqual({ text: '-1', source: 'STATIC_BROKER_CONFIG' });
    expect(source('segment.ms')).toEqual({ text: '604800000', source: 'DEFAULT_CONFIG' });
  });

  it('are refused by name when they are wrong', () => {
    expect(topicSettingProblem('segment.bytes', '2048')).toBeUndefined();
    expect(topicSettingProblem('segment.bytes', null)).toBeUndefined();
    expect(topicSettingProblem('segment.bytes', 'big')).toMatch(/allowed is a whole number from 1024/);
    expect(topicSettingProblem('bytes', '1')).toBe(
      'there is no setting bytes; segment.bytes is meant, perhaps',
    );
    expect(topicSettingProblem('node.id', '1')).toBe(
      "node.id is a setting of nodes, not of topics: it stands in nodes' configurations",
    );
    expect(topicSettingProblem('max.connections', '1')).toBe(
      'max.connections is a setting of nodes, not of topics: change it with `cluster alter`',
    );
    expect(topicSettingProblem('log.retention.ms', '1')).toBe(
      'there is no setting log.retention.ms; retention.ms is meant, perhaps',
    );
    expect(clusterSettingProblem('min.insync.replicas', '2')).toBeUndefined();
    expect(clusterSettingProblem('node.id', '2')).toMatch(/cannot change while nodes run/);
  });
});
