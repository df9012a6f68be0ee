// The disks of a cluster's nodes: each outlives its node's processes, answers at its own pace, and is formatted before the first start.

import { writeFirstSnapshot } from '@odradek/core';
import type { NodeId, Voter } from '@odradek/model';
import { type DiskCopy, MemoryDisk } from '@odradek/storage';
import { type DiskDelay, DiskPace } from './disk-pace.ts';
import { DiskTrouble, type RotOrder, recoveryPointOf, rot } from './disk-trouble.ts';
import { ScheduleError } from './schedule.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualProcess } from './virtual-process.ts';
import type { PowerLoss } from './world.ts';

export interface ClusterDisksOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly delay: DiskDelay;
  /** Who is answered; undefined while the node is dead. */
  readonly lifeOf: (id: NodeId) => VirtualProcess | undefined;
  /** What lay on a disk is gone or wrong: all of it, or one log. */
  readonly spoiled: (id: NodeId, log?: string) => void;
}

export class ClusterDisks {
  readonly #options: ClusterDisksOptions;
  readonly #disks = new Map<NodeId, MemoryDisk>();
  readonly #paces = new Map<NodeId, DiskPace>();
  /** The logs in which records have rotted: by node, each by name. */
  readonly rotten = new Map<NodeId, Set<string>>();
  readonly #troubles = new Map<NodeId, DiskTrouble>();
  readonly #copies = new Map<NodeId, DiskCopy>();
  /** What a disk that is being formatted at once has been ordered. */
  #formatting: (() => void)[] | undefined;

  constructor(options: ClusterDisksOptions) {
    this.#options = options;
  }

  disk(id: NodeId): MemoryDisk {
    const disk = this.#disks.get(id);
    if (disk === undefined) throw new ScheduleError(`No node ${id}`);
    return disk;
  }

  pace(id: NodeId): DiskPace {
    const known = this.#paces.get(id);
    if (known !== undefined) return known;
    const { time, random, delay } = this.#options;
    const pace = new DiskPace(time, random, delay);
    this.#paces.set(id, pace);
    return pace;
  }

  trouble(id: NodeId): DiskTrouble {
    const known = this.#troubles.get(id);
    if (known !== undefined) return known;
    const trouble = new DiskTrouble();
    this.#troubles.set(id, trouble);
    return trouble;
  }

  /** Whether its orders take longer than they should, or are refused. */
  isSlow(id: NodeId): boolean {
    const { delay } = this.pace(id);
    return delay === 'stuck' || delay.maxMs > 100 || this.trouble(id).hasRefused;
  }

  /** Whether any stored record has rotted so far. */
  get hasRotted(): boolean {
    return this.rotten.size > 0;
  }

  /** Rots a record. Says where, or undefined when there is none. */
  rot(id: NodeId, order: RotOrder): string | undefined {
    const where = rot(this.disk(id), order, this.#options.random);
    if (where === undefined) return undefined;
    this.rotten.set(id, (this.rotten.get(id) ?? new Set()).add(order.log));
    this.#options.spoiled(id, order.log);
    return where;
  }

  /** A checkpoint was written, and its bytes never came to the disk (D10). */
  emptyFile(id: NodeId, path: string): void {
    const disk = this.disk(id);
    if (!disk.exists(path)) return;
    disk.writeFile(path, new Uint8Array(0));
    disk.syncAll();
  }

  /** All disks are as they should be, but for what is lost. */
  healAll(): void {
    for (const trouble of this.#troubles.values()) trouble.end();
    for (const pace of this.#paces.values()) pace.delay = this.#options.delay;
  }

  /** A new disk, with the first snapshot that `odradek format` writes, before anybody runs. */
  format(id: NodeId, voters: readonly Voter[]): void {
    let isDone = false;
    writeFirstSnapshot(this.#newDisk(id), voters, 0, () => {
      isDone = true;
    });
    this.#options.time.runUntil(() => isDone, 1000);
  }

  /** The same while others run. No time passes: what they did meanwhile no oracle would have looked at. */
  formatAtOnce(id: NodeId, voters: readonly Voter[]): void {
    const orders: (() => void)[] = [];
    this.#formatting = orders;
    writeFirstSnapshot(this.#newDisk(id), voters, 0, () => {});
    for (const ended of orders) ended();
    this.#formatting = undefined;
    this.#options.spoiled(id);
  }

  #newDisk(id: NodeId): MemoryDisk {
    const disk = new MemoryDisk({
      bootId: `boot-${id}`,
      fault: (operation, path) => this.trouble(id).faultOf(operation, path),
      freeBytes: () => (this.trouble(id).isLow ? 0 : Number.MAX_SAFE_INTEGER),
      later: (callback) => {
        if (this.#formatting === undefined) this.#later(id, callback);
        else this.#formatting.push(callback);
      },
    });
    this.#disks.set(id, disk);
    return disk;
  }

  #later(id: NodeId, callback: () => void): void {
    const life = this.#options.lifeOf(id);
    this.pace(id).later(() => {
      if (life === undefined) callback();
      else life.run(callback);
    });
  }

  /** Somebody copies what lies there. */
  backUp(id: NodeId): void {
    this.#copies.set(id, this.disk(id).copy());
  }

  /**
   * Somebody takes the directory of one log away, `t-0`. Only once the recovery points name it, which are written ten times a second at
   * most: before that nothing else on the disk knows of it, so nobody could miss it (D8, D14).
   */
  takeAway(id: NodeId, log: string): void {
    const disk = this.disk(id);
    if (recoveryPointOf(disk, log) === undefined)
      throw new ScheduleError(`The recovery points of ${id} do not name ${log} yet: nobody could miss it`);
    disk.remove(log);
    disk.syncAll();
    this.#options.spoiled(id, log);
  }

  /** Somebody puts the last copy in its place (D11). */
  putBack(id: NodeId): void {
    const copy = this.#copies.get(id);
    if (copy === undefined) throw new ScheduleError(`Nobody has made a copy of the disk of ${id}`);
    this.disk(id).putBack(copy);
    this.#options.spoiled(id);
  }

  died(id: NodeId, powerLoss: PowerLoss | undefined): void {
    const disk = this.disk(id);
    if (powerLoss === undefined) disk.crash();
    else if (powerLoss === 'by chance') disk.power(this.#options.random);
    else disk.losePower(powerLoss);
  }
}
