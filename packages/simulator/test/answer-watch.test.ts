import { describe, expect, it } from 'vitest';
import { AnswerWatch } from '../src/answer-watch.ts';
import { MessageRate } from '../src/message-rate.ts';
import { VirtualTime } from '../src/virtual-clock.ts';
import { VirtualProcess } from '../src/virtual-process.ts';

function watched(isSlow = false) {
  const time = new VirtualTime();
  const life = new VirtualProcess({ id: 1, directoryId: 'd', incarnation: 'i' });
  const broken: string[] = [];
  const watch = new AnswerWatch({
    time,
    isExcused: () => isSlow,
    broken: (message) => broken.push(message),
  });
  const body = { acks: -1, timeoutMs: 1000, partitions: [] };
  const answered = watch.taken(1, life, { api: 'produce', body });
  return { time, life, broken, answered };
}

describe('the watch over answers', () => {
  it('W2: an answer that does not come within its timeout and a little more', () => {
    const { time, broken } = watched();
    time.advance(3900);
    expect(broken).toEqual([]);
    time.advance(200);
    expect(broken).toEqual(['W2: node 1 has not answered produce within 4000 ms']);
  });

  it('W2: who asks for a producer id waits as long as the node waits for its controller', () => {
    const time = new VirtualTime();
    const broken: string[] = [];
    const watch = new AnswerWatch({
      time,
      isExcused: () => false,
      broken: (message) => broken.push(message),
    });
    const life = new VirtualProcess({ id: 1, directoryId: 'd', incarnation: 'i' });
    watch.taken(1, life, { api: 'initProducerId', body: {} });
    time.advance(7900);
    expect(broken).toEqual([]);
    time.advance(200);
    expect(broken).toEqual(['W2: node 1 has not answered initProducerId within 8000 ms']);
  });

  it('W2: one that comes in time, and a node that is dead, was paused or has a slow disk, owe nothing', () => {
    const inTime = watched();
    inTime.answered();
    const dead = watched();
    dead.life.end();
    const paused = watched();
    paused.life.pause();
    paused.life.resume((callback) => paused.time.after(0, callback));
    const slow = watched(true);
    for (const { time, broken } of [inTime, dead, paused, slow]) {
      time.advance(10_000);
      expect(broken).toEqual([]);
    }
  });
});

describe('the rate of messages', () => {
  it('W5: too many within a second', () => {
    const rate = new MessageRate(10);
    expect(rate.look(0, 5)).toBeUndefined();
    expect(rate.look(1000, 15)).toBeUndefined();
    expect(rate.look(1500, 25)).toBeUndefined();
    expect(rate.look(1999, 26)).toMatch(/^W5: more than 10 messages within a second/);
  });
});
