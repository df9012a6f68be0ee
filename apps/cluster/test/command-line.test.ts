import { describe, expect, it } from 'vitest';
import { run } from './support/world.ts';

describe('the command line', () => {
  it('asks whether another command was meant', async () => {
    const { exitCode, stderr } = await run(['machnes', 'list']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe("odradek: unknown command 'machnes'\n  Did you mean machines?\n");
  });

  it('keeps its envelope for a wrong use too', async () => {
    const { exitCode, stdout, stderr } = await run(['machines', 'shw', '--json']);
    expect([exitCode, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: { code: 'USAGE', message: "unknown command 'shw'", hint: 'Did you mean show?' },
    });
  });

  it('says which values an option takes', async () => {
    const { exitCode, stderr } = await run(['machines', 'show', 'broker', '--format', 'png']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--format png: allowed are svg, mermaid, json\n');
  });

  it.each([
    [['topic', 'create'], 'odradek: NAME is missing\n  `odradek topic create --help` says what it takes.\n'],
    [['broker'], 'odradek: --config FILE is missing\n  `odradek broker --help` says what it takes.\n'],
    [['chaos', 'kill', 'x'], 'odradek: node x: a whole number from 0 is allowed\n'],
    [['topic', 'create', 'x', '--partitons', '1'], '  Did you mean --partitions?\n'],
    [['topic', 'create', 'x', '--set', 'retention'], 'odradek: --set retention: NAME=VALUE is allowed\n'],
  ])('%j is told as one would say it', async (words, said) => {
    const { exitCode, stderr } = await run(words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(said);
  });

  it('tells in its help what holds for all commands', async () => {
    const { stdout } = await run(['--help']);
    expect(stdout).toContain('Exit codes: 0 ok, 1 failed, 2 wrong use, 3 cannot connect');
  });

  it('prints help and version without failing', async () => {
    expect((await run(['--help'])).exitCode).toBe(0);
    expect(await run(['--version'])).toMatchObject({ exitCode: 0, stdout: '0.1.0\n' });
  });

  it('shows only options that somebody may type', async () => {
    const { stdout } = await run(['broker', '--help']);
    expect(stdout).toContain('--log-format');
    expect(stdout).not.toMatch(/--supervised|--watch/);
  });

  it('fails with the usage when no command is given', async () => {
    const { exitCode, stderr } = await run([]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Usage: odradek');
    expect(stderr).toMatch(/odradek: a command is missing\n {2}There are: up, demo, .*\n$/);
  });
});
