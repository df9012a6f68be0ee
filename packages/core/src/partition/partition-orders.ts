// The orders of a partition's machine, kept until its transition is over: an actor is not made inside another's.

import type { LogFailure, PartitionDeeds, PartitionHost, PartitionPlace } from './partition-host.ts';

/** Who carries them out. */
export interface OrderedPartition extends PartitionDeeds {
  readonly brokerId: number;
  /** Runs something in a later turn of the event loop. */
  soon(callback: () => void): void;
}

export class PartitionOrders implements PartitionHost {
  readonly brokerId: number;
  private readonly partition: OrderedPartition;
  private readonly waiting: (() => void)[] = [];
  private isClosed = false;
  /** Whoever tells the machine something carries out what it orders. */
  private isGathering = false;

  constructor(partition: OrderedPartition) {
    this.partition = partition;
    this.brokerId = partition.brokerId;
  }

  /** The machine is about to be told something. */
  gather(): void {
    this.isGathering = true;
  }

  /** Its transition is over. */
  carryOut(): void {
    if (this.isClosed) this.waiting.length = 0;
    for (let order = this.waiting.shift(); order !== undefined; order = this.waiting.shift()) order();
    this.isGathering = false;
  }

  /** Nothing is carried out any more. */
  close(): void {
    this.isClosed = true;
  }

  openLog(): void {
    this.order(() => this.partition.openLog());
  }

  becomeLeader(place: PartitionPlace): void {
    this.order(() => this.partition.becomeLeader(place));
  }

  becomeFollower(place: PartitionPlace): void {
    this.order(() => this.partition.becomeFollower(place));
  }

  placeChanged(place: PartitionPlace): void {
    this.order(() => this.partition.placeChanged(place));
  }

  endRole(): void {
    this.order(() => this.partition.endRole());
  }

  reportFailure(failure: LogFailure): void {
    this.order(() => this.partition.reportFailure(failure));
  }

  tellRefusal(failure: LogFailure): void {
    this.order(() => this.partition.tellRefusal(failure));
  }

  giveUpLog(failure: LogFailure): void {
    this.order(() => this.partition.giveUpLog(failure));
  }

  nameDamage(failure: LogFailure): void {
    this.order(() => this.partition.nameDamage(failure));
  }

  cutDamage(): void {
    this.order(() => this.partition.cutDamage());
  }

  deleteLog(): void {
    this.order(() => this.partition.deleteLog());
  }

  private order(action: () => void): void {
    this.waiting.push(action);
    // What a timer of the machine has ordered, nobody carries out who told it something.
    if (!this.isGathering) this.partition.soon(() => this.carryOut());
  }
}
