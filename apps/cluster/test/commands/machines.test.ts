import { describe, expect, it } from 'vitest';
import { run } from '../support/world.ts';

describe('machines', () => {
  it('lists the machines that run here', async () => {
    const { exitCode, stdout } = await run(['machines', 'list', '--json']);
    expect(exitCode).toBe(0);
    const machines: unknown = JSON.parse(stdout).data.machines;
    expect(machines).toContainEqual(expect.objectContaining({ name: 'broker', room: 'core' }));
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
