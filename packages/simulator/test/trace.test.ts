import { readTrace, traceWriter } from '@odradek/trace';
import { describe, expect, it } from 'vitest';
import { QuorumWorld } from '../src/quorum-world.ts';

describe('the trace of a run', () => {
  it('has every step of every machine, by node, and the drawing once', () => {
    let text = '';
    const { tell } = traceWriter('an election', (line) => {
      text += line;
    });
    const world = new QuorumWorld({ seed: 1, telling: { tell } });
    world.startAll();
    world.play('run until converged');
    const trace = readTrace(text);
    expect([...trace.charts.keys()]).toEqual(['quorum']);
    const leader = world.leader;
    const steps = trace.frames.filter(({ actor }) => actor === `node-${leader}/quorum`);
    expect(steps.map(({ to }) => to).join(' ')).toContain('leader');
  });

  it('changes nothing of the run', () => {
    const hashes = [{}, { telling: { tell: () => {} } }].map((told) => {
      const world = new QuorumWorld({ seed: 3, ...told });
      world.startAll();
      world.play('run until converged; crash leader; run 3000 ms');
      return world.trace.value;
    });
    expect(hashes[0]).toBe(hashes[1]);
  });
});
