import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../support/world.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'odradek-no-cluster-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A port of this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(address.port);
    }),
  );
  await new Promise((closed) => server.close(closed));
  return port;
}

const commands = [
  ['topic', 'list'],
  ['cluster', 'status'],
  ['consume', 'x'],
  ['topic', 'describe', 'x'],
];

describe('a command without a cluster', () => {
  it.each(commands)('%s %s says how to get one, with exit code 3', async (...words) => {
    const { exitCode, stdout } = await run([...words, '--json'], { ODRADEK_HOME: home });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: 'CONNECT', message: 'no cluster is known on this machine' },
    });
  });

  it('can break none, with exit code 3', async () => {
    const { exitCode, stdout } = await run(['chaos', 'kill', '1', '--json'], { ODRADEK_HOME: home });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'CONNECT',
      message: 'no cluster is known on this machine',
    });
  });

  it.each([
    ['', 'is a file, not a directory'],
    ['/below', 'is a file, not a directory'],
  ])('does not put its data into a file%s, and says so in words', async (below, said) => {
    const file = join(home, 'file');
    writeFileSync(file, '');
    const { exitCode, stdout } = await run(['up', '--data-dir', file + below, '--json'], {
      ODRADEK_HOME: home,
    });
    const { error } = JSON.parse(stdout);
    expect([exitCode, error.code]).toEqual([1, 'KAFKA_STORAGE_ERROR']);
    expect(error.message).toContain(said);
    expect(error.hint).toContain('--data-dir');
  });

  it('makes no cluster in the directory of a node', async () => {
    const config = join(home, 'server.properties');
    writeFileSync(config, `node.id=7\nlog.dirs=${home}/data\n`);
    await run(['format', '--config', config, '--voters', '7@127.0.0.1:9092']);
    const { exitCode, stderr } = await run(['up', '--data-dir', `${home}/data`, '--port', '0']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('is the directory of node 7 of cluster');
    expect(stderr).toContain('`odradek broker --config FILE` runs that node');
    expect(existsSync(`${home}/data/cluster.json`)).toBe(false);
  });

  it.runIf(existsSync('/proc'))('format gives up where no directory can be made', async () => {
    const config = join(home, 'server.properties');
    writeFileSync(config, 'node.id=1\nprocess.roles=broker,controller\nlog.dirs=/proc/odradek/data\n');
    const { exitCode, stderr } = await run(['format', '--config', config, '--voters', '1@127.0.0.1:9092']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('the directory /proc/odradek cannot be used: ');
  });

  it.runIf(existsSync('/proc'))('gives up where no directory can be made', async () => {
    const { exitCode, stderr } = await run(['up', '--data-dir', '/proc/odradek'], { ODRADEK_HOME: home });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('the directory /proc/odradek cannot be used: ');
  });

  it('names the address where nobody answers', async () => {
    const bootstrap = `127.0.0.1:${await closedPort()}`;
    const { exitCode, stdout } = await run([
      'topic',
      'list',
      '--bootstrap',
      bootstrap,
      '--timeout',
      '300',
      '--json',
    ]);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'CONNECT' });
    expect(stdout).toContain(bootstrap);
  });
});

it('shows defaults in help as one would type them', async () => {
  const { stdout, stderr } = await run(['consume', '--help']);
  expect(stdout + stderr).toContain('(default: earliest)');
});

describe('a wrong use is told before any broker is asked', () => {
  const wrong = [
    [
      ['topic', 'create', 'x', '--partitions', '0'],
      '--partitions 0: a whole number from 1 to 100000 is allowed',
    ],
    [['topic', 'create', 'x', '--replica-assignment', '1:2', '--partitions', '1'], 'leave the others out'],
    [['topic', 'alter', 'x'], 'nothing to alter'],
    [['consume', 'x', '--from', 'soon'], '--from soon: allowed are earliest, latest, an offset'],
    [['produce', 'x', '--acks', '2'], '--acks 2: allowed are all, 1, 0\n'],
    [['topic', 'list', '--bootstrap', 'nowhere'], 'is not HOST:PORT'],
    [['produce', 'x', '--key-separator', ''], 'at least one character'],
    [['produce', 'x', '--key', 'a', '--key-separator', ':'], 'a key is given, or each line has its own'],
    [['produce', 'x', '--header', 'shop'], '--header shop: NAME=VALUE is allowed\n'],
    [
      ['config', 'show', '--config', '/nowhere'],
      '/nowhere cannot be read: there is no such file or directory',
    ],
    [['up', '--set', 'node.id=4'], 'node.id differs from node to node'],
    [['simulate', '--play', '/nowhere'], '/nowhere cannot be read: there is no such file or directory\n'],
    [['up', '--data-dir', ''], '--data-dir "": the path of a file or a directory is allowed\n'],
    [['chaos', 'kill', '1', '--data-dir', ''], '--data-dir "": the path'],
    [['produce', 'x', '--file', ''], '--file "": the path'],
    [['log', 'check', ''], 'directory "": the path'],
    [
      ['up', '--port', '65534'],
      '--port 65534: 3 nodes would listen on 65534 to 65536; the last port there is is 65535\n',
    ],
  ] as const;
  it.each(wrong)('%j', async (words, said) => {
    const { exitCode, stderr } = await run(words, { ODRADEK_HOME: home });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(said);
  });
});
