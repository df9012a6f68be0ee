import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allMachines } from '../../src/commands/machines.ts';
import { run } from '../support/world.ts';

describe('machines', () => {
  it('lists the machines that run here', async () => {
    const { exitCode, stdout } = await run(['machines', 'list', '--json']);
    expect(exitCode).toBe(0);
    const machines: unknown = JSON.parse(stdout).data.machines;
    expect(machines).toContainEqual(expect.objectContaining({ name: 'broker', room: 'core' }));
  });

  it('shows every machine of the rooms: none is written that cannot be looked at', () => {
    const packages = join(import.meta.dirname, '../../../../packages');
    const written = readdirSync(packages, { recursive: true, encoding: 'utf8' })
      .filter((file) => /^\w+\/src\/.*\.machine\.ts$/.test(file.replaceAll('\\', '/')))
      .flatMap((file) => {
        const id = /^ {2}id: '([\w-]+)'/m.exec(readFileSync(join(packages, file), 'utf8'))?.[1];
        // Parts of a machine in files of their own have no id.
        return id === undefined ? [] : [id];
      });
    expect(allMachines().map(({ name }) => name)).toEqual(expect.arrayContaining(written));
    expect(written).toContain('delivery');
  });

  it('refuses a format that there is not, and names those there are', async () => {
    const { exitCode, stderr } = await run(['machines', 'show', 'broker', '--format', 'png']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/svg.*mermaid.*json/);
  });

  it('draws every machine as it runs, whole and as an overview', async () => {
    for (const { name } of allMachines()) {
      const whole = await run(['machines', 'show', name, '--format', 'svg']);
      expect(whole.stdout).toContain(`aria-label="Statechart of the machine ${name}"`);
      const overview = await run(['machines', 'show', name, '--format', 'svg', '--overview']);
      expect(overview.stdout.length).toBeLessThan(whole.stdout.length);
    }
  });

  it('draws in the colours that are asked for', async () => {
    const svg = async (theme: string): Promise<string> =>
      (await run(['machines', 'show', 'log', '--format', 'svg', '--theme', theme])).stdout;
    expect(await svg('auto')).toContain('prefers-color-scheme');
    expect(await svg('dark')).not.toContain('prefers-color-scheme');
    expect(await svg('dark')).not.toBe(await svg('light'));
  });

  it('draws one, or gives it as data', async () => {
    const drawing = await run(['machines', 'show', 'broker']);
    expect(drawing.stdout).toMatch(/^stateDiagram-v2\n/);
    const chart = await run(['machines', 'show', 'broker', '--format', 'json', '--json']);
    expect(JSON.parse(chart.stdout).data).toMatchObject({ version: 1, id: 'broker' });
  });

  it('names those there are when asked for another', async () => {
    const { exitCode, stderr } = await run(['machines', 'show', 'broke']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/There are: .*broker/);
  });
});
