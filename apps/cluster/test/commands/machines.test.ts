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
    const { exitCode, stderr } = await run(['machines', 'show', 'broker', '--format', 'svg']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/mermaid.*json/);
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
