import { describe, expect, it } from 'vitest';
import { flagSource, resolveConfiguration } from '../../src/configuration/configuration.ts';
import { LiveConfiguration } from '../../src/configuration/live-configuration.ts';
import {
  changedTogetherProblem,
  clusterSettingProblem,
} from '../../src/configuration/topic-configuration.ts';
import { configResource, emptyImage, type MetadataImage } from '../../src/metadata/image.ts';

const base = resolveConfiguration([flagSource({ 'node.id': '3', 'fetch.max.bytes': '5000' })]);

function imageWith(set: Readonly<Record<string, Readonly<Record<string, string>>>>): MetadataImage {
  const configs = Object.entries(set).map(
    ([broker, values]) => [configResource('broker', broker), new Map(Object.entries(values))] as const,
  );
  return { ...emptyImage, configs: new Map(configs) };
}

describe('a configuration while its node runs', () => {
  it('what is set for one broker is stronger than for all, and that than the file; taken away, the weaker one is back', () => {
    const live = new LiveConfiguration(base, 3);
    const seen: unknown[] = [];
    const look = (set: Parameters<typeof imageWith>[0]): void => {
      live.follow(imageWith(set));
      seen.push([live.values['fetch.max.bytes'], live.origins.get('fetch.max.bytes')?.origin]);
    };
    look({});
    look({ '': { 'fetch.max.bytes': '6000' } });
    look({
      '': { 'fetch.max.bytes': '6000' },
      '3': { 'fetch.max.bytes': '7000' },
      '4': { 'fetch.max.bytes': '8000' },
    });
    look({ '3': { 'fetch.max.bytes': '7000' } });
    look({});
    expect(seen).toEqual([
      [5000, 'flags'],
      [6000, 'DYNAMIC_DEFAULT_BROKER_CONFIG'],
      [7000, 'DYNAMIC_BROKER_CONFIG'],
      [7000, 'DYNAMIC_BROKER_CONFIG'],
      [5000, 'flags'],
    ]);
  });

  it('what a newer or a damaged cluster has set, and this one cannot read or change, is left as it was', () => {
    const live = new LiveConfiguration(base, 3);
    live.follow(imageWith({ '': { 'fetch.max.bytes': 'many', 'node.id': '9', 'of.tomorrow': 'x' } }));
    expect(live.values).toEqual(base.values);
  });
});

describe('what may be set while nodes run', () => {
  it('only what is read at its use, and of one broker only what brokers need not agree on', () => {
    expect(clusterSettingProblem('fetch.max.bytes', '4096', true)).toBeUndefined();
    expect(clusterSettingProblem('num.partitions', '4')).toBeUndefined();
    expect(clusterSettingProblem('num.partitions', '4', true)).toBe(
      'num.partitions cannot differ from broker to broker: set it for all',
    );
    expect(clusterSettingProblem('log.dirs', '/x')).toBe(
      "log.dirs cannot change while nodes run: set it in each node's configuration, and restart the nodes one after another",
    );
    expect(clusterSettingProblem('fetch.max.bytes', 'lots')).toBe(
      'fetch.max.bytes is "lots": allowed is a whole number from 1024 to 2147483647',
    );
    expect(clusterSettingProblem('retention.ms', '1')).toContain('log.retention.ms is meant, perhaps');
    expect(clusterSettingProblem('min.insync.replicas', null)).toContain('not taken away');
  });

  it('nothing that is wrong together', () => {
    const change = [{ name: 'replica.fetch.wait.max.ms', value: '60000' }];
    expect(changedTogetherProblem(base, change)).toBe(
      'replica.fetch.wait.max.ms (60000) must not be above replica.lag.time.max.ms (30000): followers of an idle partition would fall out of sync',
    );
    expect(
      changedTogetherProblem(base, [...change, { name: 'replica.lag.time.max.ms', value: '90000' }]),
    ).toBeUndefined();
  });
});
