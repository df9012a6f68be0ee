// What is different between two moments, in words.

import { stateText, type World } from '@odradek/trace';

export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export function differencesOf(before: World, after: World): Difference[] {
  return [
    ...changed('controller', controllerText(before), controllerText(after)),
    ...between('broker', brokersOf(before), brokersOf(after)),
    ...between('', partitionsOf(before), partitionsOf(after)),
    ...between('', replicasOf(before), replicasOf(after)),
    ...between('', actorsOf(before), actorsOf(after)),
  ];
}

const nothing = '–';

function changed(what: string, before: string, after: string): Difference[] {
  return before === after ? [] : [{ what, before, after }];
}

function between(
  prefix: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Difference[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .sort()
    .flatMap((name) =>
      changed(`${prefix} ${name}`.trim(), before.get(name) ?? nothing, after.get(name) ?? nothing),
    );
}

function controllerText({ controller }: World): string {
  return controller.id < 0 ? 'nobody' : `node ${controller.id}, epoch ${controller.epoch}`;
}

function brokersOf(world: World): Map<string, string> {
  return new Map([...world.brokers.values()].map(({ id, state }) => [String(id), state]));
}

function partitionsOf(world: World): Map<string, string> {
  return new Map(
    [...world.topics.values()].flatMap(({ name, partitions }) =>
      partitions.map(({ partition, leader, leaderEpoch, inSyncReplicas }): [string, string] => [
        `${name}-${partition}`,
        `${leader < 0 ? 'no leader' : `leader ${leader}`}, epoch ${leaderEpoch}, in sync ${inSyncReplicas.join(' ') || nothing}`,
      ]),
    ),
  );
}

function replicasOf(world: World): Map<string, string> {
  return new Map(
    [...world.replicas.values()].map(({ topic, partition, broker, highWatermark, logEndOffset }) => [
      `${topic}-${partition} at ${broker}`,
      `high watermark ${highWatermark}, end ${logEndOffset}`,
    ]),
  );
}

function actorsOf(world: World): Map<string, string> {
  return new Map([...world.actors.values()].map(({ path, value }) => [path, stateText(value)]));
}
