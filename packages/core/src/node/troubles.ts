// What is wrong with a replica for a while, for whoever runs the node: it meets the same thing again and again, and says so once in a while.

import type { Clock } from '@odradek/model';
import type { HostedPartition } from '../partition/hosted-partition.ts';
import { actorId } from './hosted-partitions.ts';
import type { Say } from './node-options.ts';

const AGAIN_MS = 60_000;

interface Trouble {
  readonly message: string;
  readonly toldMs: number;
}

export class Troubles {
  private readonly clock: Pick<Clock, 'nowMs'>;
  private readonly tell: Say;
  private readonly last = new Map<string, Trouble>();

  constructor(clock: Pick<Clock, 'nowMs'>, tell: Say) {
    this.clock = clock;
    this.tell = tell;
  }

  say({ key, name }: HostedPartition, message: string, rule: 'X4' | 'D8' | 'D11'): void {
    const nowMs = this.clock.nowMs();
    const last = this.last.get(key);
    if (last?.message === message && nowMs - last.toldMs < AGAIN_MS) return;
    this.last.set(key, { message, toldMs: nowMs });
    this.tell(`${actorId(name)}: ${message}`, { actor: `${actorId(name)}/replica`, rule });
  }

  forget(key: string): void {
    this.last.delete(key);
  }
}
