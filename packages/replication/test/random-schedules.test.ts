import type { LogView } from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allRecords } from './support/log.ts';
import { World } from './support/world.ts';

// Random faults on the real machines, clean elections only, under oracles that know everything: what was committed once stays
// in every later leader (V1, V2), nobody reads beyond it (V8), logs agree below their high watermarks (V5).

type Take = (world: World, id: number) => void;

/** What may happen, and how often. What cannot happen just then is passed over. */
const happenings: Readonly<Record<string, readonly [weight: number, take: Take]>> = {
  produce: [4, (world, id) => world.produce(id, 1, id === 3 ? 'leader' : 'all')],
  fetch: [
    8,
    (world, id) => {
      const { follower, heldAnswers } = world.broker(id);
      if (follower !== undefined && heldAnswers.length === 0) world.fetch(id);
    },
  ],
  /** A quiet while, or nothing would ever be committed between the faults. */
  replicate: [
    4,
    (world) => {
      world.produce(world.registration.leader, 2);
      for (const one of [...world.brokers.values(), ...world.brokers.values(), ...world.brokers.values()]) {
        if (one.follower !== undefined) world.fetch(one.id);
        one.log.flushNow();
        one.leader?.flushed();
      }
    },
  ],
  ask: [3, (world, id) => world.ask(id)],
  release: [3, (world, id) => world.release(id)],
  flush: [
    3,
    (world, id) => {
      world.broker(id).log.flushNow();
      world.broker(id).leader?.flushed();
    },
  ],
  'lose power': [
    1,
    (world, id) => {
      const others = world.registration.inSyncReplicas.filter((member) => member !== id);
      if (!world.broker(id).isUp || !others.some((member) => world.broker(member).isUp)) return;
      world.stop(id, true);
      fence(world, id);
    },
  ],
  start: [
    3,
    (world, id) => {
      if (!world.broker(id).isUp) world.start(id);
    },
  ],
  elect: [
    2,
    (world, id) => {
      if (world.registration.inSyncReplicas.includes(id) && world.broker(id).isUp) world.elect(id);
    },
  ],
  deafen: [
    1,
    (world, id) => {
      world.broker(id).hearsMetadata = false;
    },
  ],
  tell: [
    2,
    (world, id) => {
      world.broker(id).hearsMetadata = true;
      world.publish(id);
    },
  ],
  apply: [3, decide],
  answer: [2, answer],
  pass: [2, (world) => world.clock.pass(4_000)],
};

const step = fc.oneof(
  ...Object.entries(happenings).map(([name, [weight, take]]) => ({
    weight,
    arbitrary: fc.integer({ min: 1, max: 3 }).map((id) => ({ name, id, take })),
  })),
);

/** C8: a broker that is gone leaves the in-sync set, and leads nothing. */
function fence(world: World, id: number): void {
  const { inSyncReplicas, leader, leaderEpoch } = world.registration;
  const rest = inSyncReplicas.filter((member) => member !== id);
  const next = rest.find((member) => world.broker(member).isUp);
  if (rest.length === inSyncReplicas.length || next === undefined) return;
  world.change({
    inSyncReplicas: rest,
    ...(leader === id ? { leader: next, leaderEpoch: leaderEpoch + 1 } : {}),
  });
}

/** I6: the controller's checks. What it decides is heard of by answer or by metadata, later or never. */
function decide(world: World): void {
  const held = world.proposals.at(-1);
  if (held === undefined) return;
  const { leaderEpoch, partitionEpoch, inSyncReplicas } = held.proposal;
  const { registration } = world;
  if (leaderEpoch !== registration.leaderEpoch || partitionEpoch !== registration.partitionEpoch) return;
  const fits = inSyncReplicas.every(({ brokerId, brokerEpoch }) => {
    const { isUp, brokerEpoch: registered } = world.broker(brokerId);
    return isUp && brokerEpoch === registered;
  });
  if (fits) world.change({ inSyncReplicas: inSyncReplicas.map(({ brokerId }) => brokerId) });
}

function answer(world: World): void {
  const held = world.proposals[0];
  if (held === undefined) return;
  const { leaderEpoch, partitionEpoch } = held.proposal;
  const { registration } = world;
  const isMade =
    leaderEpoch === registration.leaderEpoch && partitionEpoch === registration.partitionEpoch - 1;
  const members = held.proposal.inSyncReplicas.map(({ brokerId }) => brokerId).join();
  if (isMade && members === registration.inSyncReplicas.join())
    world.answerProposal({ ...registration, outcome: 'answered', error: 'NONE' });
  else if (partitionEpoch < registration.partitionEpoch)
    world.answerProposal({ ...registration, outcome: 'answered', error: 'INVALID_UPDATE_VERSION' });
  else world.answerProposal({ outcome: 'no answer' });
}

/**
 * Everything that was ever committed, by offset its epoch. A leader that has not heard of its successor may still commit: with all
 * of its in-sync set, so that the successor has it too.
 */
class Ledger {
  readonly #epochs: number[] = [];

  get length(): number {
    return this.#epochs.length;
  }

  check(world: World): void {
    for (const { leader, log } of world.brokers.values()) {
      if (leader === undefined) continue;
      const committed = epochsOf(log, leader.highWatermark);
      // V8, V11: what any leader shows as committed is what was committed.
      const known = Math.min(committed.length, this.length);
      expect(committed.slice(0, known)).toEqual(this.#epochs.slice(0, known));
      this.#epochs.push(...committed.slice(known));
    }
    // V2: whoever is named leader, whether it knows it yet or not, has all of it.
    const named = world.broker(world.registration.leader);
    expect(epochsOf(named.log, this.length)).toEqual(this.#epochs);
  }
}

function epochsOf(log: LogView, endOffset: number): number[] {
  return allRecords(log)
    .slice(0, endOffset)
    .map(({ epoch }) => epoch);
}

const numRuns = 150;

describe('random schedules', () => {
  it('V1, V2, V5, V8: nothing committed is lost, and nobody shows what is not (clean elections, power loss, stale metadata)', () => {
    let committed = 0;
    let epochs = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 120, size: 'max' }), (steps) => {
        const lines: string[] = [];
        const world = new World({
          replicas: [1, 2, 3],
          inSync: [1, 2, 3],
          holdsFlushes: true,
          say: (line) => lines.push(line),
        });
        const ledger = new Ledger();
        world.elect(1);
        for (const one of steps) {
          lines.push(`> ${one.name} ${one.id}`);
          one.take(world, one.id);
          try {
            ledger.check(world);
          } catch (error) {
            throw new Error(`${lines.join('\n')}\n${String(error)}`);
          }
        }
        committed += ledger.length;
        epochs += world.registration.leaderEpoch;
      }),
      { numRuns },
    );
    // A test in which nothing is committed, or nobody is elected, would prove nothing.
    expect([committed / numRuns > 5, epochs / numRuns > 3]).toEqual([true, true]);
  }, 30_000);
});
