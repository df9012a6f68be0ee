import { SeededRandom } from '@odradek/simulator';
import { describe, expect, it } from 'vitest';
import { type Episode, faults, nextEpisode, type Roughness } from '../../src/soak/episodes.ts';

const ids = [1, 2, 3];

function episodes(seed: number, roughness: Roughness, count = 500): readonly Episode[] {
  const draw = new SeededRandom(seed);
  return Array.from({ length: count }, () => nextEpisode(draw, { ids, brokers: ids, roughness }));
}

describe('the faults of a soak', () => {
  it('are the same for the same seed', () => {
    expect(episodes(7, 'kills')).toEqual(episodes(7, 'kills'));
    expect(episodes(7, 'kills')).not.toEqual(episodes(8, 'kills'));
  });

  it('leave everything running and whole at their end', () => {
    for (const { steps, text } of episodes(1, 'kills')) {
      const state = new Map(ids.map((id) => [id, 'running']));
      let isWhole = true;
      let hasFiles = true;
      for (const { order } of steps) {
        if ('nodes' in order)
          for (const id of order.nodes)
            state.set(id, order.do === 'kill' ? 'down' : order.do === 'pause' ? 'paused' : 'running');
        // Files are touched only of who does not run.
        else if (order.do === 'damage') expect(state.get(order.node), text).toBe('down');
        else if (order.do === 'files') hasFiles = !order.isShort;
        else isWhole = order.do === 'heal';
      }
      expect([...state.values()], text).toEqual(['running', 'running', 'running']);
      expect(isWhole && hasFiles, text).toBe(true);
    }
  });

  it('can be chosen', () => {
    const draw = new SeededRandom(3);
    const gray = { ids, brokers: ids, roughness: 'gray' } as const;
    const chosen = Array.from(
      { length: 50 },
      () => nextEpisode(draw, { ...gray, only: ['fill', 'wipe'] }).fault,
    );
    expect(new Set(chosen)).toEqual(new Set(['fill']));
    expect(nextEpisode(draw, { ...gray, only: ['wipe'] }).fault).toBe('wipe');
  });

  it('damage partitions only where there are some', () => {
    const draw = new SeededRandom(6);
    const choice = {
      ids: [101, 1, 2, 102],
      brokers: [1, 2],
      roughness: 'kills',
      only: ['wipe', 'flip'],
    } as const;
    const hurt = Array.from({ length: 50 }, () => nextEpisode(draw, choice)).flatMap(({ steps }) =>
      steps.flatMap(({ order }) => (order.do === 'damage' ? [order.node] : [])),
    );
    expect(new Set(hurt)).toEqual(new Set([1, 2]));
  });

  it('are all drawn sooner or later', () => {
    const drawn = new Set(episodes(5, 'kills').map(({ fault }) => fault));
    expect(drawn).toEqual(new Set(faults));
  });

  it('kill nobody when only gray ones are wanted', () => {
    const faultsOnly = episodes(2, 'gray').filter(({ fault }) => fault !== 'few files');
    const orders = faultsOnly.flatMap(({ steps }) => steps.map(({ order }) => order.do));
    expect(orders).not.toContain('kill');
    expect(new Set(orders)).toEqual(new Set(['pause', 'resume', 'cut', 'slow', 'fill', 'heal']));
  });
});
