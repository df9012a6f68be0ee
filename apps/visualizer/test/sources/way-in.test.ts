import { describe, expect, test } from 'vitest';
import { WayIn } from '../../src/sources/way-in.ts';

const served = { href: 'http://localhost:9092/', host: 'localhost:9092' };
const broker = (id: number, state = 'running') => ({ id, state, host: '127.0.0.1', port: 9091 + id });

function begun(...states: string[]): WayIn {
  const way = new WayIn(served);
  way.met(1);
  way.learn([broker(1), ...states.map((state, index) => broker(index + 2, state))]);
  return way;
}

describe('WayIn', () => {
  test('the broker that served the page dies: the next one that runs is asked, and so on around', () => {
    const way = begun('fenced', 'running');
    expect(way.lost(1, 'localhost:9092', 10)).toBe(true);
    expect(way.place).toEqual({ href: 'http://127.0.0.1:9094/', host: '127.0.0.1:9094' });
    expect(way.node).toBe(3);
    expect(way.lost(3, '127.0.0.1:9094', 20)).toBe(true);
    expect(way.place.host).toBe('127.0.0.1:9092');
  });

  test('that another node is gone, or what broke with an earlier way, changes nothing', () => {
    const way = begun('running', 'running');
    expect(way.lost(2, 'localhost:9092', 10)).toBe(false);
    way.lost(1, 'localhost:9092', 10);
    expect(way.node).toBe(2);
    expect(way.lost(2, 'localhost:9092', 11)).toBe(false);
    expect(way.lost(1, 'localhost:9092', 11)).toBe(false);
    expect(way.node).toBe(2);
  });

  test('a broker that is paused is silent: after a while another one is asked', () => {
    const way = begun('running');
    way.heard(1000);
    expect(way.look(5999)).toBe(false);
    expect(way.look(6000)).toBe(true);
    expect(way.look(6001)).toBe(false);
    expect(way.node).toBe(2);
  });

  test('alone, or before anybody was met, there is no other way', () => {
    expect(begun().lost(1, 'localhost:9092', 0)).toBe(false);
    const early = new WayIn(served);
    expect(early.lost(undefined, 'localhost:9092', 0)).toBe(false);
    expect(early.place).toBe(served);
  });
});
