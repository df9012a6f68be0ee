// What must hold of one partition after every event (V2 to V8, V10 to V12, V14), against the ledger of what was committed.

import type { LeaderEpoch, LogView, NodeId, Offset } from '@odradek/model';
import { AppendGhost, type GhostBatch, GhostLog } from './ghost-log.ts';
import { ProducerOracle } from './producer-oracle.ts';

/** A replica that runs, as the oracle sees it. */
export interface ReplicaSeen {
  readonly broker: NodeId;
  /** The broker's life: another one after a restart. */
  readonly life: number;
  readonly log: LogView;
  /** Another once the replica's log was thrown away and begun anew. */
  readonly opened?: object;
  readonly leads: boolean;
  /** In which it leads or follows. */
  readonly leaderEpoch: LeaderEpoch;
  readonly highWatermark: Offset;
  /** Of a leader: the set whose ends gate what it commits (L5). */
  readonly maximalInSync?: readonly NodeId[];
  /** Of a leader: what another replica has told it to be durable; -1 while it knows nothing of it in its epoch. */
  readonly flushedEndHeardOf?: (broker: NodeId) => Offset;
}

/** What the latest committed metadata says of the partition. */
export interface PartitionSeen {
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
  readonly inSyncReplicas: readonly NodeId[];
  readonly eligibleLeaderReplicas: readonly NodeId[];
  /** The epoch of the last unclean election, -1 if there was none. */
  readonly lastUncleanEpoch: LeaderEpoch;
  /** How many must hold a record before it is committed: min.insync.replicas, or all replicas if they are fewer. */
  readonly minInSync: number;
}

/** What an unclean election took from the ledger. */
export interface LedgerLoss {
  readonly leaderEpoch: LeaderEpoch;
  readonly fromOffset: Offset;
  readonly toOffset: Offset;
  readonly batches: readonly GhostBatch[];
}

/** What a producer was told of one of its batches. */
export interface AcknowledgedBatch {
  readonly baseOffset: Offset;
  readonly producerId: number;
  readonly baseSequence: number;
}

/** A replica had this, durably, before its disk lost it; and this its leader believes of it. */
interface TakenEnd {
  readonly endOffset: Offset;
  readonly heardEnd: Offset;
}

interface ReplicaMemory {
  readonly life: number;
  readonly opened: object | undefined;
  endOffset: Offset;
  /** What it called durable, also when it is dead since. */
  flushedEnd: Offset;
  /** What its disk has taken from it, until its leader has heard of that. */
  taken: TakenEnd | undefined;
  /** Up to here its log was seen to be the ledger's. */
  matchedEnd: Offset;
  leaderEpoch: LeaderEpoch;
  highWatermark: Offset;
  leads: boolean;
  /** Its leadership ended within the last event: what it committed in it before counts for this epoch. */
  ledIn: LeaderEpoch | undefined;
}

export class PartitionOracle {
  readonly ledger = new GhostLog();
  readonly losses: LedgerLoss[] = [];
  /** Below it a leader has deleted by retention, though one that is elected uncleanly later may have it still (L10). */
  deletedBelow: Offset = 0;
  readonly name: string;
  readonly #isOverBudget: boolean;
  readonly #appends = new AppendGhost();
  readonly #producers = new ProducerOracle();
  readonly #leaders = new Map<LeaderEpoch, NodeId>();
  readonly #elected = new Map<LeaderEpoch, NodeId>();
  readonly #replicas = new Map<NodeId, ReplicaMemory>();
  /** Whose disks have lost, or will be found to have lost, what lay there. */
  readonly #spoiled = new Set<NodeId>();
  #uncleanEpoch: LeaderEpoch = -1;
  /** The highest end that was ever committed, lost since or not. */
  #highestEnd: Offset = 0;
  /** Up to here a leader has committed that had not heard of the unclean election after it: its successor puts others at these offsets. */
  #doomedEnd: Offset = 0;
  /** Up to here copies were counted. */
  #countedEnd: Offset = 0;
  #checkedLeadership: LeaderEpoch = -1;

  /** Over budget (D14) what is committed may be lost: then only what no disk can excuse is looked at. */
  constructor(name: string, isOverBudget = false) {
    this.name = name;
    this.#isOverBudget = isOverBudget;
  }

  /** A disk has lost what lay there, or spoiled it: nobody can know before the broker has found it, and said so. */
  diskSpoiled(broker: NodeId): void {
    this.#spoiled.add(broker);
  }

  look(replicas: readonly ReplicaSeen[], metadata: PartitionSeen): string | undefined {
    this.#elected.set(metadata.leaderEpoch, metadata.leader);
    this.#takeLosses(replicas, metadata);
    for (const replica of replicas) {
      if (replica.leads) this.deletedBelow = Math.max(this.deletedBelow, replica.log.logStartOffset);
      const broken =
        this.#oneLeader(replica) ?? this.#truncation(replica, metadata) ?? this.#appended(replica, replicas);
      if (broken !== undefined) return this.#tell(broken);
    }
    const broken =
      this.#newLeader(replicas, metadata) ??
      this.#gates(replicas, metadata) ??
      this.#commits(replicas, metadata) ??
      this.#copies(replicas, metadata) ??
      this.#members(replicas, metadata);
    return broken === undefined ? undefined : this.#tell(broken);
  }

  /** V8: a consumer was given records up to here. */
  given(endOffset: Offset): string | undefined {
    if (endOffset <= this.#highestEnd) return undefined;
    return this.#tell(
      `V8: a consumer was given offset ${endOffset - 1}, but only those below ${this.#highestEnd} were ever committed`,
    );
  }

  /**
   * V11: what a producer was acknowledged with acks=all was committed, so that V2 holds every later leader to it. V31, V13: and it is its
   * own batch that stands at that offset, also when it was sent before.
   */
  acknowledged(endOffset: Offset, batch?: AcknowledgedBatch): string | undefined {
    if (endOffset <= this.#highestEnd) return batch === undefined ? undefined : this.#isItsOwn(batch);
    return this.#tell(
      `V11: offset ${endOffset - 1} was acknowledged, but only those below ${this.#highestEnd} were ever committed`,
    );
  }

  #isItsOwn({ baseOffset, producerId, baseSequence }: AcknowledgedBatch): string | undefined {
    const found = this.ledger.batchAt(baseOffset);
    // What an unclean election took, or is about to take, is reported, and checked against the reports.
    if (found === undefined || this.losses.length > 0) return undefined;
    if (found.producerId === producerId && found.baseSequence === baseSequence) return undefined;
    const isOfSuccessor = this.#uncleanEpoch >= 0 && found.leaderEpoch >= this.#uncleanEpoch;
    if (isOfSuccessor && baseOffset < this.#doomedEnd) return undefined;
    return this.#tell(
      `V31: sequence ${baseSequence} of producer ${producerId} was acknowledged at ${baseOffset}, where sequence ${found.baseSequence} of ${found.producerId} is committed`,
    );
  }

  #tell(broken: string): string {
    return `${broken}, in ${this.name}`;
  }

  /** C4: an unclean election is the one lawful loss; what the new leader has not is lost from the ledger. */
  #takeLosses(replicas: readonly ReplicaSeen[], metadata: PartitionSeen): void {
    if (metadata.lastUncleanEpoch <= this.#uncleanEpoch) return;
    const leader = replicas.find(
      ({ leads, leaderEpoch }) => leads && leaderEpoch >= metadata.lastUncleanEpoch,
    );
    // Until the elected one leads there is nobody whose log the ledger could be compared with.
    if (leader === undefined) return;
    this.#uncleanEpoch = metadata.lastUncleanEpoch;
    this.#takeLoss(leader.log, metadata.lastUncleanEpoch);
  }

  /** What a leader's log has not is lost from the ledger. */
  #takeLoss(log: LogView, leaderEpoch: LeaderEpoch): void {
    const toOffset = this.ledger.endOffset;
    const fromOffset = this.ledger.firstDifference(log);
    if (fromOffset === undefined) return;
    const batches = this.ledger.declareLost(fromOffset);
    this.#producers.lost(batches);
    this.#countedEnd = Math.min(this.#countedEnd, fromOffset);
    this.losses.push({ leaderEpoch, fromOffset, toOffset, batches });
    for (const memory of this.#replicas.values()) memory.matchedEnd = Math.min(memory.matchedEnd, fromOffset);
  }

  /** An unclean election is decided, and its leader has not begun: what the ledger holds is not known. */
  #isUnsettled({ lastUncleanEpoch }: PartitionSeen): boolean {
    return lastUncleanEpoch > this.#uncleanEpoch;
  }

  /** V10: one leader in an epoch, and it is the one that the metadata names. */
  #oneLeader({ broker, leads, leaderEpoch }: ReplicaSeen): string | undefined {
    if (!leads) return undefined;
    const known = this.#leaders.get(leaderEpoch);
    if (known !== undefined && known !== broker)
      return `V10: ${known} and ${broker} lead epoch ${leaderEpoch}`;
    const elected = this.#elected.get(leaderEpoch);
    if (elected !== undefined && elected !== broker)
      return `V10: ${broker} leads epoch ${leaderEpoch}, for which ${elected} was elected`;
    this.#leaders.set(leaderEpoch, broker);
    return undefined;
  }

  /** V14: what is committed is never cut away from a log that had it. */
  #truncation({ broker, life, log, opened }: ReplicaSeen, metadata: PartitionSeen): string | undefined {
    const memory = this.#replicas.get(broker);
    if (memory === undefined) return undefined;
    // D8: a damaged log is thrown away as a whole, where nobody counts on it.
    if (memory.opened !== opened && !isElectable(metadata, broker)) memory.matchedEnd = 0;
    const committed = Math.min(memory.matchedEnd, this.ledger.endOffset);
    const wasCut = memory.life === life && log.logEndOffset < committed;
    if (wasCut && !this.#isOverBudget && !this.#isUnsettled(metadata))
      return `V14: ${broker} has cut its log to ${log.logEndOffset}, though it had what is committed below ${committed}`;
    memory.matchedEnd = Math.min(memory.matchedEnd, log.logEndOffset);
    return undefined;
  }

  /** V5, V6: no offset and epoch is ever used for other bytes. V7: a leader's high watermark never falls in its epoch. */
  #appended(
    { broker, life, log, opened, leads, leaderEpoch, highWatermark }: ReplicaSeen,
    replicas: readonly ReplicaSeen[],
  ): string | undefined {
    const before = this.#replicas.get(broker);
    const isSameLog = before?.life === life && before.opened === opened;
    if (!isSameLog) this.#appends.forget(`${broker}`);
    if (
      before?.life === life &&
      leads &&
      before.leaderEpoch === leaderEpoch &&
      highWatermark < before.highWatermark
    )
      return `V7: the high watermark of leader ${broker} fell from ${before.highWatermark} to ${highWatermark}`;
    const twice =
      isSameLog && before.endOffset === log.logEndOffset ? undefined : this.#appends.scan(`${broker}`, log);
    const matchedEnd = before?.life === life ? before.matchedEnd : 0;
    const { logEndOffset: endOffset, flushedEndOffset: flushedEnd } = log;
    const ledIn = leads
      ? leaderEpoch
      : before?.life === life && before.leads
        ? before.leaderEpoch
        : undefined;
    const memory = {
      life,
      opened,
      endOffset,
      flushedEnd,
      taken: isSameLog ? before.taken : this.#taken(broker, flushedEnd, replicas),
      matchedEnd,
      leaderEpoch,
      highWatermark,
      leads,
      ledIn,
    };
    this.#replicas.set(broker, memory);
    return twice === undefined ? undefined : `V5: ${twice}`;
  }

  /** V2: whoever is elected has all that is committed. */
  #newLeader(replicas: readonly ReplicaSeen[], metadata: PartitionSeen): string | undefined {
    const { leader, leaderEpoch } = metadata;
    if (leaderEpoch <= this.#checkedLeadership || this.#isUnsettled(metadata)) return undefined;
    const elected = replicas.find(({ broker }) => broker === leader);
    if (elected === undefined) return undefined;
    this.#checkedLeadership = leaderEpoch;
    if (this.#isOverBudget) this.#takeLoss(elected.log, leaderEpoch);
    const missing = this.ledger.difference(elected.log, this.ledger.endOffset);
    return missing === undefined
      ? undefined
      : `V2: ${leader} was elected for epoch ${leaderEpoch} without what is committed: ${missing}`;
  }

  /** O1: what the leader that the metadata names calls committed, is. */
  #commits(replicas: readonly ReplicaSeen[], metadata: PartitionSeen): string | undefined {
    if (this.#isUnsettled(metadata)) {
      // The old leader, who has not heard of it, may still commit what is going to be lost, and say so.
      for (const { leads, highWatermark } of replicas) if (leads) this.#committedInVain(highWatermark);
      return undefined;
    }
    for (const replica of replicas) {
      const { broker, leaderEpoch, log, highWatermark } = replica;
      const memory = this.#replicas.get(broker);
      if (memory === undefined) continue;
      const { ledIn } = memory;
      const wasElected = ledIn !== undefined && this.#elected.get(ledIn) === broker;
      const isNamed = wasElected && ledIn >= this.#uncleanEpoch;
      // As above: it has not heard of the unclean election, though its successor leads. What it commits is lost, and told when it hears.
      if (wasElected && !isNamed) this.#committedInVain(highWatermark);
      if (isNamed && highWatermark > this.ledger.endOffset) {
        if (this.#isOverBudget) this.#takeLoss(log, leaderEpoch);
        const before = this.ledger.batches.length;
        const difference = this.ledger.commit(log, highWatermark, memory.matchedEnd);
        if (difference !== undefined) return `V6: ${broker} commits something else: ${difference}`;
        const mayForgetBelow = this.#isOverBudget ? log.logStartOffset : 0;
        const repeated = this.#producers.committed(this.ledger.batches.slice(before), mayForgetBelow);
        if (repeated !== undefined) return repeated;
      }
      if (leaderEpoch === metadata.leaderEpoch) this.#match(log, memory);
    }
    return undefined;
  }

  #committedInVain(highWatermark: Offset): void {
    this.#highestEnd = Math.max(this.#highestEnd, highWatermark);
    this.#doomedEnd = Math.max(this.#doomedEnd, highWatermark);
  }

  /** V4: the set that gates a leader's commits has everybody whom the controller may elect. */
  #gates(replicas: readonly ReplicaSeen[], metadata: PartitionSeen): string | undefined {
    const { leader, leaderEpoch, inSyncReplicas, minInSync } = metadata;
    if (inSyncReplicas.length < minInSync) return undefined;
    const leading = replicas.find((one) => one.broker === leader && one.leaderEpoch === leaderEpoch);
    const gates = leading?.leads === true ? leading.maximalInSync : undefined;
    if (gates === undefined || inSyncReplicas.every((id) => gates.includes(id))) return undefined;
    return `V4: leader ${leader} commits by [${gates}], but [${inSyncReplicas}] are in sync`;
  }

  /** What a replica that has begun another log lacks of the one before, because of its disk. */
  #taken(broker: NodeId, flushedEnd: Offset, replicas: readonly ReplicaSeen[]): TakenEnd | undefined {
    const before = this.#replicas.get(broker);
    if (before === undefined || flushedEnd >= before.flushedEnd || !this.#spoiled.delete(broker))
      return before?.taken;
    const endOffset = Math.max(before.flushedEnd, before.taken?.endOffset ?? 0);
    return { endOffset, heardEnd: heardEndOf(broker, replicas) };
  }

  /**
   * V12: when something is committed, enough replicas have it, durably by what their policy calls so. One counts too that had it when it
   * said so, and whose disk has lost it since (D11, D14), until its leader has heard from what is there now.
   */
  #copies(replicas: readonly ReplicaSeen[], { minInSync }: PartitionSeen): string | undefined {
    this.#hearOfTaken(replicas);
    const { endOffset } = this.ledger;
    if (endOffset <= this.#countedEnd) return undefined;
    this.#countedEnd = endOffset;
    this.#highestEnd = Math.max(this.#highestEnd, endOffset);
    const copies = [...this.#replicas.values()].filter(
      ({ flushedEnd, taken }) =>
        flushedEnd >= endOffset ||
        (taken !== undefined && Math.min(taken.endOffset, taken.heardEnd) >= endOffset),
    ).length;
    if (copies >= minInSync || this.#isOverBudget) return undefined;
    return `V12: ${endOffset} is committed, but durable at ${copies} replicas, not ${minInSync}`;
  }

  /** Whatever its leader hears of a replica only grows, unless it hears from a log that is shorter; a new leader has heard nothing. */
  #hearOfTaken(replicas: readonly ReplicaSeen[]): void {
    for (const [broker, memory] of this.#replicas) {
      const { taken } = memory;
      if (taken === undefined) continue;
      const heardEnd = heardEndOf(broker, replicas);
      memory.taken = heardEnd < 0 || heardEnd < taken.heardEnd ? undefined : { ...taken, heardEnd };
    }
  }

  /** A replica in the current epoch: how far its log is the ledger's. Where it has nothing any more, nothing was compared. */
  #match(log: LogView, memory: ReplicaMemory): void {
    const end = this.ledger.batchEndBelow(log.logEndOffset);
    if (end <= Math.max(memory.matchedEnd, log.logStartOffset)) return;
    if (this.ledger.difference(log, end, memory.matchedEnd) === undefined) memory.matchedEnd = end;
  }

  /** V3: whoever may be elected has what is committed. */
  #members(replicas: readonly ReplicaSeen[], metadata: PartitionSeen): string | undefined {
    if (this.#isOverBudget || this.#isUnsettled(metadata)) return undefined;
    const { endOffset } = this.ledger;
    const short = replicas.find(
      ({ broker, log }) => log.logEndOffset < endOffset && isElectable(metadata, broker),
    );
    if (short === undefined) return undefined;
    return `V3: ${short.broker} may be elected, but ends at ${short.log.logEndOffset}, and ${endOffset} is committed`;
  }
}

/** Who may be elected cleanly. */
function isElectable({ inSyncReplicas, eligibleLeaderReplicas }: PartitionSeen, broker: NodeId): boolean {
  return inSyncReplicas.includes(broker) || eligibleLeaderReplicas.includes(broker);
}

/** What the latest leader believes that a replica has, durably; -1 when there is none, or it knows nothing of it. */
function heardEndOf(broker: NodeId, replicas: readonly ReplicaSeen[]): Offset {
  let leader: ReplicaSeen | undefined;
  for (const one of replicas) if (one.leads && one.leaderEpoch > (leader?.leaderEpoch ?? -1)) leader = one;
  return leader?.flushedEndHeardOf?.(broker) ?? -1;
}
