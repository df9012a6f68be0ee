// The steps of the members of one quorum: a member and something that happens to it give the member after it and what it has sent.

import { type QuorumHost, quorumMachine } from '@odradek/election';
import type { NodeId, Voter } from '@odradek/model';
import { afterPowerLoss } from './abstract-log.ts';
import { MachineStep } from './machine-step.ts';
import { QuorumDesk } from './quorum-desk.ts';
import {
  aged,
  type Grain,
  type Happening,
  keyOf,
  type Member,
  newMember,
  type Outcome,
  type QuorumMachine,
  type QuorumSnapshot,
} from './quorum-member.ts';

const LISTENING = 'xstate.after.listening interval.';
const RETRY = 'xstate.after.retry backoff.';

export type Expiry = Extract<Happening, { readonly type: 'timer' }>;

/** A follower that was refused always asks again. */
export function isRetry({ timer }: Expiry): boolean {
  return timer.startsWith(RETRY);
}

export function expiryName({ timer, silence }: Expiry): string {
  const name = timer.replace('xstate.after.', '').replace(/\.quorum.*/, '');
  return silence === 'short' ? `${name}, a majority is heard` : name;
}

/** The steps of the members of one quorum. */
export class QuorumSteps {
  private readonly voters: readonly Voter[];
  private readonly machine: MachineStep<QuorumMachine>;
  private readonly grain: Grain;

  constructor(voters: readonly NodeId[], grain: Grain, machine: QuorumMachine = quorumMachine) {
    this.grain = grain;
    this.voters = voters.map((id) => ({ ...keyOf(id), host: 'localhost', port: id }));
    this.machine = new MachineStep(machine);
  }

  /** The timers that may fire. A leader that listens has been heard by a majority, or has not. */
  expiriesOf({ snapshot }: Member): readonly Expiry[] {
    if (snapshot === undefined) return [];
    return this.machine.timersOf(snapshot).flatMap((timer): Expiry[] => {
      const expiry = { type: 'timer', timer, silence: 'long' } as const;
      return timer.startsWith(LISTENING) ? [expiry, { ...expiry, silence: 'short' }] : [expiry];
    });
  }

  step(member: Member, happening: Happening): Outcome {
    if (happening.type === 'crash') return quietly(crashed(member, happening.losesPower));
    const outcome = this.one(member, happening);
    const work = this.grain.hasFastDisks ? diskWork(outcome.member) : undefined;
    if (work === undefined || outcome.broken !== undefined) return outcome;
    const after = this.step(outcome.member, work);
    const sent = outcome.sent.map((message) => (after.hasAskedAnew ? aged(message) : message));
    const hasAskedAnew = outcome.hasAskedAnew || after.hasAskedAnew;
    return { ...after, sent: [...sent, ...after.sent], hasAskedAnew };
  }

  private one(member: Member, happening: Happening): Outcome {
    const desk = new QuorumDesk(member, this.voters, happening, this.grain);
    try {
      const snapshot =
        member.snapshot === undefined
          ? this.machine.initial({ host: desk })
          : this.next(withHost(member.snapshot, desk), desk, happening);
      return desk.outcome(snapshot);
    } catch (error) {
      const broken = error instanceof Error ? error.message : String(error);
      return { member, sent: [], hasAskedAnew: false, broken };
    }
  }

  private next(snapshot: QuorumSnapshot, desk: QuorumDesk, happening: Happening): QuorumSnapshot {
    if (happening.type === 'append') {
      desk.appendRecord(happening.value, snapshot.context.epoch);
      return snapshot;
    }
    const event = desk.eventOf(happening);
    return event === undefined ? snapshot : this.machine.next(snapshot, event);
  }
}

function diskWork({ storing, log }: Member): Happening | undefined {
  if (storing !== undefined) return { type: 'stored' };
  return log.flushedEnd < log.entries.length ? { type: 'flushed' } : undefined;
}

function quietly(member: Member): Outcome {
  return { member, sent: [], hasAskedAnew: false };
}

function crashed(member: Member, losesPower: boolean): Member {
  const log = losesPower ? afterPowerLoss(member.log) : { ...member.log };
  return { ...newMember(member.id), log, voteState: member.voteState };
}

function withHost(snapshot: QuorumSnapshot, host: QuorumHost): QuorumSnapshot {
  return { ...snapshot, context: { ...snapshot.context, host } } as QuorumSnapshot;
}
