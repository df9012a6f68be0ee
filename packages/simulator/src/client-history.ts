// What the clients of a run asked for and got, and what must be true of it whatever happened inside (O2: Jepsen's checks for a log).
// Every value is unique, so that a record tells who wrote it.

import type { Offset, TopicId } from '@odradek/model';

/** A partition, as text. */
export type PartitionName = string;

/** One record that a client wanted to append. `refused`: surely in no log; `unknown`: no answer, or one that leaves it open. */
export interface Sent {
  readonly producer: string;
  readonly partition: PartitionName;
  readonly value: string;
  outcome: 'open' | 'acknowledged' | 'refused' | 'unknown';
  offset: Offset | undefined;
  /** The error of the last answer, NONE if it was taken; undefined while there was none. */
  answer?: string;
  /** Of the topic that acknowledged it: one of this name may have been deleted since. */
  topicId?: TopicId;
  /** Before the try that was acknowledged another one may have been taken: its record may have been lost, and this one stands for it. */
  mayHaveHadTwin: boolean;
}

/** One record that a consumer was given. */
export interface Given {
  readonly consumer: string;
  readonly partition: PartitionName;
  readonly offset: Offset;
  readonly value: string;
  readonly topicId?: TopicId;
}

/** What a reader of a whole partition gets at the end. */
export interface FinalLog {
  readonly topicId?: TopicId;
  /** Retention has deleted what was below. */
  readonly startOffset?: Offset;
  readonly records: readonly { readonly offset: Offset; readonly value: string }[];
}

/** What the system itself has declared lost after an unclean election; half open. */
export interface DeclaredLoss {
  readonly partition: PartitionName;
  readonly fromOffset: Offset;
  readonly toOffset: Offset;
}

/** A promise that was not kept: the rule's id and what was seen. */
export interface Violation {
  readonly rule: string;
  readonly partition: PartitionName;
  readonly message: string;
}

export class ClientHistory {
  readonly #sent: Sent[] = [];
  readonly #given: Given[] = [];

  get sent(): readonly Sent[] {
    return this.#sent;
  }

  get given(): readonly Given[] {
    return this.#given;
  }

  get acknowledged(): readonly Sent[] {
    return this.#sent.filter(({ outcome }) => outcome === 'acknowledged');
  }

  send(producer: string, partition: PartitionName, value: string): Sent {
    const sent: Sent = {
      producer,
      partition,
      value,
      outcome: 'open',
      offset: undefined,
      mayHaveHadTwin: false,
    };
    this.#sent.push(sent);
    return sent;
  }

  give(given: Given): void {
    this.#given.push(given);
  }

  /**
   * Checks everything against the logs at the end: the records of each partition in the order of their offsets, as a client that
   * reads all of it gets them once all is healed.
   */
  violations(
    finalLogs: ReadonlyMap<PartitionName, FinalLog>,
    losses: readonly DeclaredLoss[] = [],
  ): Violation[] {
    const found = new FinalLogs(finalLogs, losses);
    return [
      ...this.#sent.flatMap((sent) => brokenPromises(sent, found)),
      ...found.repeated(),
      ...this.#reordered(found),
      ...this.unsent(),
      ...this.#refusedReads(),
      ...this.#inconsistentReads(found),
      ...this.#readsGoingBack(),
      ...losses.flatMap((loss) => this.#emptyLosses(loss, found)),
    ];
  }

  /** Within one producer's session the acknowledged records stand in the order in which they were sent. */
  #reordered(found: FinalLogs): Violation[] {
    const last = new Map<string, { readonly value: string; readonly offset: Offset }>();
    const violations: Violation[] = [];
    for (const { producer, partition, value } of this.#sent) {
      const offset = found.offsetOf(partition, value);
      if (offset === undefined) continue;
      const key = `${producer} ${partition}`;
      const before = last.get(key);
      if (before !== undefined && before.offset > offset)
        violations.push({
          rule: 'V30',
          partition,
          message: `${producer} sent ${before.value} before ${value}, but ${partition} has them at ${before.offset} and ${offset}`,
        });
      last.set(key, { value, offset });
    }
    return violations;
  }

  /** V8: nobody is given what nobody sent there, whatever has become of the disks. */
  unsent(): Violation[] {
    const sent = new Set(this.#sent.map(({ partition, value }) => `${partition} ${value}`));
    return this.#given.flatMap(({ consumer, partition, offset, value }) => {
      if (sent.has(`${partition} ${value}`)) return [];
      const message = `${consumer} was given ${JSON.stringify(value)} at ${partition} ${offset}, which nobody sent there`;
      return [{ rule: 'V8', partition, message }];
    });
  }

  /** V13 (G1a): nobody is ever given what was refused, whatever has become of it since. */
  #refusedReads(): Violation[] {
    const refused = new Set(
      this.#sent.flatMap(({ partition, value, outcome }) =>
        outcome === 'refused' ? [`${partition} ${value}`] : [],
      ),
    );
    return this.#given.flatMap(({ consumer, partition, offset, value }) => {
      if (!refused.has(`${partition} ${value}`)) return [];
      const message = `${consumer} was given ${value} at ${partition} ${offset}, which was refused`;
      return [{ rule: 'V13', partition, message }];
    });
  }

  /** V9: one offset, one value, for all readers and for ever; V8: nothing was read that is not there at the end. */
  #inconsistentReads(found: FinalLogs): Violation[] {
    return this.#given.flatMap((given) => {
      const { consumer, partition, offset, value } = given;
      const now = found.valueAt(partition, offset);
      if (now === value || found.isDeclaredLost(partition, offset) || found.isDeleted(given)) return [];
      const message = `${consumer} was given ${value} at ${partition} ${offset}, where ${now ?? 'nothing'} is now`;
      return [{ rule: now === undefined ? 'V8' : 'V9', partition, message }];
    });
  }

  /** V7: what one consumer is given never goes back. */
  #readsGoingBack(): Violation[] {
    const last = new Map<string, Offset>();
    return this.#given.flatMap(({ consumer, partition, offset }) => {
      const key = `${consumer} ${partition}`;
      const before = last.get(key) ?? -1;
      last.set(key, offset);
      return offset > before
        ? []
        : [
            {
              rule: 'V7',
              partition,
              message: `${consumer} was given ${partition} ${offset} after ${before}`,
            },
          ];
    });
  }

  /**
   * A loss is never declared where nothing could have been: each offset of it was acknowledged, or its answer is still open, or it was
   * taken, lost, and sent again by a producer that had no answer.
   */
  #emptyLosses({ partition, fromOffset, toOffset }: DeclaredLoss, found: FinalLogs): Violation[] {
    const lawful = this.#sent.filter(({ partition: at, value, outcome, offset, mayHaveHadTwin }) => {
      if (at !== partition) return false;
      if (found.offsetOf(partition, value) !== undefined) return mayHaveHadTwin;
      return outcome === 'acknowledged'
        ? offset !== undefined && offset >= fromOffset && offset < toOffset
        : outcome !== 'refused';
    });
    if (toOffset - fromOffset <= lawful.length) return [];
    return [
      {
        rule: 'C4',
        partition,
        message: `${partition} [${fromOffset}, ${toOffset}) is declared lost, but only ${lawful.length} records are missing that were acknowledged there or never answered`,
      },
    ];
  }
}

/** V1 and V13 for one record. */
function brokenPromises(sent: Sent, found: FinalLogs): Violation[] {
  const { partition, value, outcome, offset } = sent;
  const at = found.offsetOf(partition, value);
  if (outcome === 'refused' && at !== undefined)
    return [{ rule: 'V13', partition, message: `${value} was refused, but stands at ${partition} ${at}` }];
  if (outcome !== 'acknowledged' || offset === undefined) return [];
  if (found.isDeleted({ ...sent, offset })) return [];
  if (at === undefined && !found.isDeclaredLost(partition, offset))
    return [
      { rule: 'V1', partition, message: `${value} was acknowledged at ${partition} ${offset}, and is lost` },
    ];
  // C4: a leader that was deposed uncleanly took one try, and its successor another; what the first acknowledged is lost, and told.
  const isTwin = sent.mayHaveHadTwin && found.isDeclaredLost(partition, offset);
  if (at !== undefined && at !== offset && !isTwin)
    return [
      {
        rule: 'V13',
        partition,
        message: `${value} was acknowledged at ${partition} ${offset}, but stands at ${at}`,
      },
    ];
  return [];
}

class FinalLogs {
  readonly #byOffset = new Map<string, string>();
  readonly #byValue = new Map<string, Offset[]>();
  readonly #logs: ReadonlyMap<PartitionName, FinalLog>;
  readonly #losses: readonly DeclaredLoss[];

  constructor(logs: ReadonlyMap<PartitionName, FinalLog>, losses: readonly DeclaredLoss[]) {
    this.#logs = logs;
    this.#losses = losses;
    for (const [partition, { records }] of logs)
      for (const { offset, value } of records) {
        this.#byOffset.set(`${partition} ${offset}`, value);
        const key = `${partition} ${value}`;
        this.#byValue.set(key, [...(this.#byValue.get(key) ?? []), offset]);
      }
  }

  offsetOf(partition: PartitionName, value: string): Offset | undefined {
    return this.#byValue.get(`${partition} ${value}`)?.[0];
  }

  valueAt(partition: PartitionName, offset: Offset): string | undefined {
    return this.#byOffset.get(`${partition} ${offset}`);
  }

  /** Deleted lawfully: with its topic, or by retention. */
  isDeleted({ partition, offset, topicId }: Pick<Given, 'partition' | 'offset' | 'topicId'>): boolean {
    const log = this.#logs.get(partition);
    if (log === undefined) return false;
    return (topicId !== undefined && topicId !== log.topicId) || offset < (log.startOffset ?? 0);
  }

  isDeclaredLost(partition: PartitionName, offset: Offset): boolean {
    return this.#losses.some(
      (loss) => loss.partition === partition && loss.fromOffset <= offset && offset < loss.toOffset,
    );
  }

  /** V13, V30: a value stands in the log once at most. */
  repeated(): Violation[] {
    return [...this.#byValue]
      .filter(([, offsets]) => offsets.length > 1)
      .map(([key, offsets]) => {
        const [partition = ''] = key.split(' ');
        return { rule: 'V30', partition, message: `${key} stands at ${offsets.join(' and ')}` };
      });
  }
}
