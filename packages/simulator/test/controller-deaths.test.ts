// The controller dies at every step of a command: after each event, of the network, a disk or a clock, between the question and its
// answer (S79). Whoever asks goes on as the client does: a creation under its request id until it is told, other commands after a look.

import { type ClientRequest, type ClientResponse, type TopicImage, topicByName } from '@odradek/model';
import { expect, it } from 'vitest';
import { ClusterWorld } from '../src/cluster-world.ts';

type Command = 'createTopics' | 'createPartitions' | 'deleteTopics';
type Outcome = ClientResponse<Command> | 'unknown' | 'not sent';

const PARTITIONS = 3;
const MORE = 5;

function started(): ClusterWorld {
  const world = new ClusterWorld({ seed: 79, controllers: 3, network: { maxDelayMs: 1 } });
  world.startAll();
  world.play('run until all-running within 5000 ms');
  return world;
}

/** Asks broker 1; the outcome is told once it is there. */
function ask(world: ClusterWorld, request: ClientRequest<Command>): () => Outcome | undefined {
  let outcome: Outcome | undefined;
  world.doors.ask(1, request, 5000, (reply) => {
    outcome = reply.outcome === 'answered' ? reply.response : reply.outcome;
  });
  return () => outcome;
}

/** What became of the one topic that was asked about. */
function errorOf(outcome: Outcome | undefined): string {
  if (outcome === undefined || outcome === 'unknown' || outcome === 'not sent') return outcome ?? 'unknown';
  return outcome.error === 'NONE' ? (outcome.topics[0]?.error ?? 'nothing') : outcome.error;
}

/** Whether a refusal says that nothing was done, or that nobody knows: then it is asked again. */
const passing: ReadonlySet<string> = new Set(['unknown', 'not sent', 'NOT_CONTROLLER', 'REQUEST_TIMED_OUT']);

interface Trial {
  readonly request: ClientRequest<Command>;
  /** Answers that say, after an answer that was lost, that the command has been carried out before. */
  readonly isDoneBefore: (error: string) => boolean;
}

/**
 * Asks, kills the controller after so many events, asks again until it is told. False: it was told before that many events. `look` is
 * called after each event.
 */
function killAfter(
  world: ClusterWorld,
  events: number,
  { request, isDoneBefore }: Trial,
  look: () => void,
): boolean {
  let outcome = ask(world, request);
  let left = events;
  const isDue = (): boolean => {
    look();
    return outcome() !== undefined || left-- <= 0;
  };
  world.runUntil(isDue, 10_000);
  const dies = outcome() === undefined;
  let hasLost = false;
  if (dies) world.play(events % 2 === 0 ? 'crash controller' : 'power controller');
  for (;;) {
    world.runUntil(() => {
      look();
      return outcome() !== undefined;
    }, 10_000);
    const error = errorOf(outcome());
    hasLost ||= error === 'unknown' || error === 'REQUEST_TIMED_OUT';
    if (!passing.has(error)) {
      if (error !== 'NONE') expect([error, hasLost, isDoneBefore(error)]).toEqual([error, true, true]);
      break;
    }
    world.run(100);
    outcome = ask(world, request);
  }
  for (const { id, process } of world.nodes) if (process === undefined) world.start(id);
  world.play('run until all-running within 10000 ms');
  return dies;
}

/** All or nothing: no node ever sees a part of what one command makes. One that was started again sees what has been before. */
function wholeOnly(world: ClusterWorld, name: string): () => void {
  const sizes = [undefined, PARTITIONS, MORE];
  return () => {
    for (const { running } of world.nodes) {
      const topic: TopicImage | undefined = running && topicByName(running.node.image, name);
      if (!sizes.includes(topic?.partitions.length))
        throw new Error(`${name} has ${topic?.partitions.length} partitions, allowed are ${sizes}`);
    }
  };
}

const creation = (name: string, requestId: string): ClientRequest<'createTopics'> => ({
  api: 'createTopics',
  body: {
    timeoutMs: 3000,
    validateOnly: false,
    requestId,
    topics: [{ name, partitions: PARTITIONS, replicationFactor: 3, assignment: [], config: [] }],
  },
});

it('S79 C1 the controller dies at every step of making, altering and deleting a topic: all or nothing, and asking again is safe', () => {
  const world = started();
  let events = 0;
  let deaths = 0;
  for (let isUnderWay = true; isUnderWay; events++) {
    const name = `topic-${events}`;
    const create: Trial = { request: creation(name, `request-${events}`), isDoneBefore: () => false };
    const alter: Trial = {
      request: {
        api: 'createPartitions',
        body: { timeoutMs: 3000, topics: [{ name, count: MORE, assignment: [] }] },
      },
      isDoneBefore: (error) => error === 'INVALID_PARTITIONS' && sizeOf(world, name) === MORE,
    };
    const remove: Trial = {
      request: { api: 'deleteTopics', body: { timeoutMs: 3000, names: [name] } },
      isDoneBefore: (error) => error === 'UNKNOWN_TOPIC_OR_PARTITION',
    };
    const whole = wholeOnly(world, name);
    const died = [
      killAfter(world, events, create, whole),
      killAfter(world, events, alter, whole),
      killAfter(world, events, remove, whole),
    ];
    deaths += died.filter((hasDied) => hasDied).length;
    isUnderWay = died.includes(true);
    world.run(100);
    expect(sizeOf(world, name)).toBeUndefined();
  }
  // A test in which nobody dies on the way would prove nothing.
  expect(deaths).toBeGreaterThan(30);
  world.conclude();
}, 120_000);

function sizeOf(world: ClusterWorld, name: string): number | undefined {
  return world.image && topicByName(world.image, name)?.partitions.length;
}
