// The end of a day: all is healed, nobody writes any more, and the cluster is held to what it promised (O2, O4).

import { type MetadataImage, NO_LEADER, type NodeId, partitionsOf } from '@odradek/model';
import type { Violation } from './client-history.ts';
import type { ClusterClients } from './cluster-clients.ts';
import type { ClusterDisks } from './cluster-disks.ts';
import type { ClusterOracle } from './cluster-oracle.ts';
import { brokenPromises, isDrained } from './convergence.ts';
import type { LivingNode } from './node-view.ts';
import { ledByNobody, spreadDamage, untold } from './over-budget.ts';
import type { PartitionOracle, ReplicaSeen } from './partition-oracle.ts';
import type { SimulatedConsumer } from './simulated-consumer.ts';
import type { ToldDamage } from './told-damage.ts';

/** What is concluded. */
export interface ConcludedWorld {
  readonly clients: ClusterClients;
  readonly disks: ClusterDisks;
  readonly oracle: ClusterOracle;
  readonly image: MetadataImage | undefined;
  readonly nodes: readonly { readonly id: NodeId }[];
  readonly living: readonly LivingNode[];
  readonly isConverged: boolean;
  readonly unconverged: string | undefined;
  readonly sleeper: string | undefined;
  find(name: string): { readonly state: { readonly leader: NodeId } } | undefined;
  oracleOf(name: string): PartitionOracle;
  replicasOf(name: string): readonly ReplicaSeen[];
  run(ms: number): void;
  runUntil(condition: () => boolean, capMs: number): boolean;
  fail(message: string): never;
}

/** Every promise: all comes back within a bounded time, equal at all replicas, and every client has what it was promised (W1, W3). */
export function concludeWithinBudget(world: ConcludedWorld, capMs: number): void {
  const { clients } = world;
  const readers = world.disks.hasRotted ? readAll(world) : [];
  const isDone = (): boolean =>
    isDrained(readers, (name) => world.find(name) && world.oracleOf(name).ledger.endOffset) &&
    clients.producers.every((producer) => producer.isIdle) &&
    world.isConverged;
  if (!world.runUntil(isDone, capMs))
    world.fail(`W1, W3: healed for ${capMs} ms: ${world.unconverged ?? 'producers wait for answers'}`);
  stopClients(world);
  failOver(world, violationsIn(world));
}

/** Long enough for whoever is away to be missed, and for all that is there to be read. */
const SETTLE_MS = 10_000;

/** D14: what must hold whatever the disks have done, see over-budget.ts. */
export function concludeOverBudget(world: ConcludedWorld, told: ToldDamage, capMs: number): void {
  if (!world.runUntil(() => world.sleeper === undefined, capMs))
    world.fail(`W1: healed for ${capMs} ms: ${world.sleeper}`);
  readAll(world);
  world.run(SETTLE_MS);
  const { image, clients, disks, nodes } = world;
  stopClients(world);
  if (image === undefined) world.fail('W1: there is no metadata');
  const isLed = (name: string): boolean => (world.find(name)?.state.leader ?? NO_LEADER) !== NO_LEADER;
  failOver(world, clients.history.unsent());
  failOver(world, untold(violationsIn(world), told, isLed));
  const wrong =
    ledByNobody(image, (name) => world.replicasOf(name)) ??
    spreadDamage(
      nodes.map(({ id }) => [id, disks.disk(id)]),
      disks.rotten,
    );
  if (wrong !== undefined) world.fail(wrong);
}

function violationsIn({ image, clients, living, oracle }: ConcludedWorld): Violation[] {
  return image === undefined ? [] : brokenPromises(clients.history, image, living, oracle);
}

function failOver(world: ConcludedWorld, violations: readonly Violation[]): void {
  const [first] = violations;
  if (first !== undefined)
    world.fail(`${first.rule}: ${first.message} (${violations.length} promises broken)`);
}

function stopClients({ clients }: ConcludedWorld): void {
  for (const client of [...clients.producers, ...clients.consumers]) client.stop();
}

/** Somebody reads everything once more: whoever has records that rotted must notice before they are handed out (D9). */
function readAll({ image, clients }: ConcludedWorld): readonly SimulatedConsumer[] {
  const places = image === undefined ? [] : [...partitionsOf(image)];
  return places.map(({ topic, partition }) => clients.consume(`${topic.name}-${partition}`));
}
