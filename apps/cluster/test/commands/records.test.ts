// `produce` and `consume` as one types them: edges of partitions, records that are too large, and Ctrl-C.

import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { type TestCluster, withCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';

const bundle = resolve(import.meta.dirname, '../../dist/odradek.js');

class Running {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly #exit: Promise<number | null>;

  constructor(cluster: TestCluster, words: readonly string[]) {
    const ODRADEK_BOOTSTRAP = cluster
      .file()
      .nodes.map(({ host, port }) => `${host}:${port}`)
      .join();
    this.child = spawn(process.execPath, [bundle, ...words], { env: { ...process.env, ODRADEK_BOOTSTRAP } });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#exit = new Promise((done) => this.child.once('close', (code) => done(code)));
  }

  /** Waits until it has printed so many lines, then says Ctrl-C; returns the exit code. */
  async interruptAfter(lines: number): Promise<number | null> {
    await this.printed(lines);
    return this.endBy('SIGINT');
  }

  printed(lines: number): Promise<void> {
    return eventually(`${lines} lines`, () => this.stdout.split('\n').length > lines);
  }

  endBy(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.#exit;
  }
}

it(
  'reads the partitions that have an offset, tells of the others, and ends with Ctrl-C when all is told',
  () =>
    withCluster({ brokers: 1 }, async (cluster) => {
      await cluster.json('topic', 'create', 'edges', '--partitions', '2', '--set', 'max.message.bytes=2000');
      await cluster.odradek(['produce', 'edges', '--partition', '0'], 'a\nb\nc\nd\n');
      await cluster.odradek(['produce', 'edges', '--partition', '1'], 'x\n');
      const some = await cluster.odradek(['consume', 'edges', '--from', '2']);
      expect(some.stdout).toBe('c\nd\n');
      expect(some.stderr).toContain('offset 2 is beyond the log: edges-1 ends at 1');
      const none = await cluster.odradek(['consume', 'edges', '--from', '5', '--json']);
      expect([none.exitCode, JSON.parse(none.stdout).error.code]).toEqual([4, 'OFFSET_OUT_OF_RANGE']);

      // A batch of 64 KiB is too large for this topic: it goes in parts. A record of 3000 bytes is, whatever is done.
      const lines = Array.from({ length: 500 }, (_, index) => `${index} ${'.'.repeat(50)}`);
      const split = await cluster.odradek(['produce', 'edges', '--partition', '1'], `${lines.join('\n')}\n`);
      expect([split.exitCode, split.stderr]).toEqual([0, '']);
      const nothing = await cluster.odradek(['produce', 'edges'], '');
      expect([nothing.exitCode, nothing.stdout]).toEqual([0, expect.stringContaining('0 records')]);
      const nowhere = await cluster.odradek(['produce', 'edge', '--json'], '');
      expect([nowhere.exitCode, JSON.parse(nowhere.stdout).error.code]).toEqual([
        4,
        'UNKNOWN_TOPIC_OR_PARTITION',
      ]);
      const back = await cluster.odradek(['consume', 'edges', '--partition', '1', '--from', '1']);
      expect(back.stdout).toBe(`${lines.join('\n')}\n`);
      const large = await cluster.odradek(
        ['produce', 'edges', '--partition', '0', '--json'],
        'y'.repeat(3000),
      );
      const { error } = JSON.parse(large.stdout);
      expect([large.exitCode, error.code]).toEqual([4, 'MESSAGE_TOO_LARGE']);
      expect(error.message).toContain('max.message.bytes is 2000');

      const headers = ['--header', 'shop=North Sea', '--header', 'x='];
      await cluster.odradek(
        ['produce', 'edges', '--partition', '0', '--key', 'k', ...headers],
        'with\nmore\n',
      );
      const sought = await cluster.odradek([
        ...['consume', 'edges', '--from', '-2', '--partition', '0', '--json'],
        ...['--key-has', 'K', '--value-has', 'or', '--header-has', 'sea'],
      ]);
      const { key, value, headers: read } = JSON.parse(sought.stdout);
      expect([key, value, read]).toEqual([
        'k',
        'more',
        [
          ['shop', 'North Sea'],
          ['x', ''],
        ],
      ]);

      const follower = new Running(cluster, ['consume', 'edges', '--partition', '0', '--follow']);
      expect(await follower.interruptAfter(6)).toBe(0);
      expect(follower.stdout).toBe('a\nb\nc\nd\nwith\nmore\n');
      const producer = new Running(cluster, ['produce', 'edges', '--partition', '0', '--each']);
      producer.child.stdin?.write('e\nf\n');
      expect(await producer.interruptAfter(2)).toBe(0);
      expect(producer.stdout).toBe('edges-0 6\nedges-0 7\n');
    }),
  60_000,
);

it(
  'produce and consume end by SIGTERM within moments, though nobody answers; of what was sent produce says how much is unknown',
  () =>
    withCluster({ brokers: 1 }, async (cluster) => {
      await cluster.json('topic', 'create', 'silent');
      const producer = new Running(cluster, ['produce', 'silent', '--each']);
      producer.child.stdin?.write('a\n');
      await producer.printed(1);
      const follower = new Running(cluster, ['consume', 'silent', '--follow']);
      await follower.printed(1);
      await cluster.chaos({ do: 'pause', nodes: [1] });
      // More than what lies between two processes: once it is written, some of it was read.
      const lines = `${'b'.repeat(99)}\n`.repeat(10_000);
      await new Promise((written) => producer.child.stdin?.write(lines, written));
      const beganMs = performance.now();
      expect(await Promise.all([producer.endBy('SIGTERM'), follower.endBy('SIGTERM')])).toEqual([5, 0]);
      expect(performance.now() - beganMs).toBeLessThan(10_000);
      const [, of, unknown, unsent] =
        /ended by SIGTERM: 1 of ([\d,]+) records acknowledged, ([\d,]+) unknown, ([\d,]+) not sent/.exec(
          producer.stderr,
        ) ?? [];
      const number = (text = ''): number => Number(text.replaceAll(',', ''));
      expect(number(unknown)).toBeGreaterThan(0);
      expect(1 + number(unknown) + number(unsent)).toBe(number(of));

      const twice = new Running(cluster, ['produce', 'silent']);
      await new Promise((written) => twice.child.stdin?.write(lines, written));
      // One that comes too soon for a person counts as the first one's echo.
      await eventually('it ends', () => {
        twice.child.kill('SIGTERM');
        return twice.child.exitCode !== null || twice.child.signalCode !== null;
      });
      expect(twice.child.signalCode).toBe('SIGTERM');
      await cluster.chaos({ do: 'resume', nodes: [1] });
    }),
  60_000,
);
