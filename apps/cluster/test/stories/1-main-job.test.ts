import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { withCluster } from '../support/cluster.ts';

const bin = resolve(import.meta.dirname, '../../bin/odradek.js');

describe('story 1, the main job', () => {
  it('three brokers run, and say what to type next; what they say to type works', () =>
    withCluster({}, async (cluster) => {
      const next = cluster.said.filter((line) => line.includes('npx odradek'));
      expect(next.join('\n')).toContain('topic create laser --partitions 3 --replication-factor 3');
      expect(await cluster.json('topic', 'create', 'laser', '--partitions', '3')).toMatchObject({
        name: 'laser',
        partitions: 3,
        replicationFactor: 3,
      });
      const produced = await cluster.odradek(['produce', 'laser', '--json'], 'one\ntwo\nthree\n');
      expect(JSON.parse(produced.stdout)).toMatchObject({ ok: true, data: { records: 3, bytes: 11 } });
      const consumed = await cluster.odradek(['consume', 'laser', '--json']);
      const values = consumed.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).value);
      expect(values.sort()).toEqual(['one', 'three', 'two']);
      const status = await cluster.json('cluster', 'status');
      expect(status).toMatchObject({ offlinePartitions: [], losses: [], discarded: [] });
      const again = await cluster.odradek(['topic', 'create', 'laser', '--json']);
      expect([again.exitCode, JSON.parse(again.stdout).error.code]).toEqual([4, 'TOPIC_ALREADY_EXISTS']);
      expect(await cluster.stop()).toBe(0);
    }));

  it('the demo kills a leader half way, and everything comes out, in order, each once', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [bin, 'demo', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      data: { records: 21_707, inOrderEachOnce: true },
    });
  }, 90_000);
});
