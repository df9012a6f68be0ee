import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

/** Brokers 1 to 3, each of which leads a hundred partitions; then all stop at once, and the image says of all that they live. */
function stopped(): Rig {
  const rig = new Rig();
  rig.lead();
  rig.start(1, 2, 3);
  rig.createTopic('many', { partitions: 300, replicationFactor: 3 });
  expect(ledBy(rig)).toEqual([100, 100, 100, 0]);
  rig.lose();
  rig.lead();
  return rig;
}

/** How many partitions brokers 1 to 3 lead, and nobody. */
function ledBy(rig: Rig): readonly number[] {
  const partitions = rig.committed.topics.get(rig.topicId('many'))?.partitions ?? [];
  return [1, 2, 3, -1].map((broker) => partitions.filter(({ leader }) => leader === broker).length);
}

function registered(rig: Rig, broker: number): void {
  rig.register(broker);
  rig.settle();
}

describe('after all brokers have stopped at once (C3, C6)', () => {
  it('none of many partitions is given to who lives by the metadata alone: each broker gives up its own and gets them back', () => {
    const rig = stopped();
    for (const [broker, leads] of [
      [1, [0, 100, 100, 100]],
      [2, [0, 0, 100, 200]],
      [3, [0, 0, 0, 300]],
    ] as const) {
      registered(rig, broker);
      expect(ledBy(rig)).toEqual(leads);
    }
    for (const broker of [1, 2, 3]) rig.beat(broker);
    rig.settle();
    expect(ledBy(rig)).toEqual([100, 100, 100, 0]);
  });

  it('who lives and was not heard yet leads them after a moment', () => {
    const rig = stopped();
    registered(rig, 1);
    expect(ledBy(rig)).toEqual([0, 100, 100, 100]);
    rig.clock.advance(600);
    rig.settle();
    const [one, two = 0, three = 0, nobody] = ledBy(rig);
    expect([one, two + three, nobody]).toEqual([0, 300, 0]);
  });

  it('who was heard leads them at once', () => {
    const rig = stopped();
    rig.beat(2);
    registered(rig, 1);
    expect(ledBy(rig)[3]).toBe(0);
  });

  it('what was lost with a directory waits for nobody', () => {
    const rig = stopped();
    rig.register(1, { restartClass: 'lossy' });
    rig.settle();
    expect(ledBy(rig)[3]).toBe(0);
  });
});
