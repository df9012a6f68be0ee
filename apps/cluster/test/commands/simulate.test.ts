import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTrace } from '@odradek/trace';
import { describe, expect, it } from 'vitest';
import { run } from '../support/world.ts';

const directory = mkdtempSync(join(tmpdir(), 'odradek-simulate-'));

describe('simulate', () => {
  it('plays seeds, and says what they went through and what they never met', async () => {
    const { exitCode, stdout } = await run(['simulate', '--seeds', '3..4', '--ops', '10']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^2 seeds, [\d.]+ a second; \d+ s of virtual time, \d+ times as fast as real time/,
    );
    expect(stdout).toMatch(/kinds of faults: \d+ of \d+ met/);
    expect(stdout).toMatch(/edges of machines: \d+ of \d+ met; never:\n {2}broker /);
  });

  it('gives the same as data', async () => {
    const { stdout } = await run(['simulate', '--seed', '3', '--ops', '30', '--faults', 'none', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, data: { seeds: 1, lost: 0 } });
  });

  it('D14: labels a run that is over budget', async () => {
    const words = ['simulate', '--seed', '3', '--ops', '10', '--over-budget'];
    expect((await run(words)).stdout).toMatch(/over budget: .* no loss untold/);
    expect(JSON.parse((await run([...words, '--json'])).stdout)).toMatchObject({
      data: { isOverBudget: true },
    });
  });

  it.each([
    [['--seeds', '9..1'], /the lower one first: 1\.\.1000/],
    [['--seed', '1', '--seeds', '1..2'], /--seed and --seeds: one of them/],
    [['--faults', 'crush'], /"crush" is no kind of fault[\s\S]*all, none, or of these: crash, power/],
    [['--play', 'nowhere.schedule'], /nowhere\.schedule cannot be read: there is no such file/],
  ])('refuses %j, and says what is allowed', async (words, message) => {
    const { exitCode, stderr } = await run(['simulate', ...words]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(message);
  });

  it('plays a schedule: 0 when every promise is kept, 1 and the promise when not', async () => {
    const path = join(directory, 'S90.schedule');
    writeFileSync(path, '# S90 a leader\nworld quorum voters=3\nuntil leader\n');
    expect(await run(['simulate', '--play', path])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^S90 a leader\nevery promise was kept in \d+ ms/),
    });
    writeFileSync(path, 'world quorum voters=3\nuntil leader\nnever leader\n');
    expect(await run(['simulate', '--play', path])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/must never be: leader/),
    });
  });

  it('writes a trace, and prints the state of every actor at a time of it', async () => {
    const path = join(directory, 'day.trace');
    expect((await run(['simulate', '--seed', '3', '--ops', '10', '--trace', path])).exitCode).toBe(0);
    const { stdout } = await run(['simulate', '--replay', path, '--until', '500']);
    expect(stdout).toMatch(/^odradek simulate --seed 3, at \d+ ms\n/);
    expect(stdout).toMatch(/broker-1\/broker {2}running/);
    const told = readTrace(readFileSync(path, 'utf8')).messages;
    const kinds = new Set(told.map(({ kind }) => kind));
    for (const kind of ['hello', 'machine', 'step', 'cluster', 'replicas', 'messages', 'said'])
      expect(kinds).toContain(kind);
  });
});
