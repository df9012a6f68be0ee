// What a broker that returns can still promise about its logs (the design's restart classes; C5, C6), judged by what the previous run
// wrote into the directory, never by how this one is configured.

import { textBytes } from '@odradek/format';
import type { BrokerEpoch, DirectoryId, FlushPolicy, Incarnation, RestartClass } from '@odradek/model';
import { decodeJson } from './checkpoint-files.ts';

/** What a run leaves for the next one to judge it by. */
export interface RunRecord {
  readonly flushPolicy: FlushPolicy;
  /** The host's uptime; null where it cannot be known. */
  readonly bootId: string | null;
  readonly directoryId: DirectoryId;
  /**
   * The processes of this directory that may be the one the controller has registered: the last that saw itself registered, and whoever
   * began after it. A copy that was put back in the place of what went on without it does not know of the one that is (D11).
   */
  readonly incarnations: readonly Incarnation[];
}

export interface PreviousRun {
  /** Undefined when nothing, or nothing readable, was written. */
  readonly run: RunRecord | undefined;
  /** From the marker of a clean shutdown. */
  readonly cleanBrokerEpoch: BrokerEpoch | undefined;
}

const POLICIES: readonly FlushPolicy[] = ['commit', 'os', 'memory'];

/**
 * `clean`: it ended in order. `intact`: nothing that it ever reported as durable can be missing. `lossy`: anything may be. A single log
 * that is damaged is lossy alone, and no matter of this.
 */
export function classifyRestart(
  previous: PreviousRun,
  now: { readonly bootId: string | undefined; readonly directoryId: DirectoryId },
): RestartClass {
  const { run, cleanBrokerEpoch } = previous;
  // A directory that was copied or swapped (D11), or partitions that had no disk.
  if (run === undefined || run.directoryId !== now.directoryId || run.flushPolicy === 'memory')
    return 'lossy';
  if (cleanBrokerEpoch !== undefined) return 'clean';
  if (run.flushPolicy === 'commit' || isSameBoot(previous, now.bootId)) return 'intact';
  return 'lossy';
}

/** The most careful first. */
const BY_CAUTION: readonly FlushPolicy[] = ['memory', 'os', 'commit'];

/**
 * What a run may write until its logs are recovered and its registration was seen: no more than the previous one could promise, for it
 * is that one's logs that still lie there, torn as they may be. Killed before, it would else leave them to a next run that takes them
 * for intact, and what the power tore for damage. Undefined: nothing may be written.
 */
export function carefulRun(
  { run, cleanBrokerEpoch }: PreviousRun,
  present: RunRecord,
): RunRecord | undefined {
  if (run === undefined || run.directoryId !== present.directoryId) return run;
  const incarnations = mostTelling([...run.incarnations, ...present.incarnations]);
  const flushPolicy = BY_CAUTION.find(
    (policy) => policy === run.flushPolicy || policy === present.flushPolicy,
  );
  // It ended in order, so all of its logs are on the disk, whatever has become of the page cache since.
  const isSynced = cleanBrokerEpoch !== undefined && run.flushPolicy !== 'memory';
  if (isSynced) return { ...present, incarnations };
  return {
    flushPolicy: flushPolicy ?? 'memory',
    bootId: run.bootId === present.bootId ? present.bootId : null,
    directoryId: present.directoryId,
    incarnations,
  };
}

const MOST_INCARNATIONS = 100;

/**
 * Of processes that begin again and again and never come to be registered, the first and the last: the first was registered, if none
 * after it was; else one of the last has been. One that is left out makes logs lossy at worst.
 */
function mostTelling(incarnations: readonly Incarnation[]): readonly Incarnation[] {
  if (incarnations.length <= MOST_INCARNATIONS) return incarnations;
  return [...incarnations.slice(0, 1), ...incarnations.slice(1 - MOST_INCARNATIONS)];
}

/** Whether the page cache is as the previous run left it. */
export function isSameBoot({ run }: PreviousRun, bootId: string | undefined): boolean {
  return run !== undefined && run.bootId !== null && run.bootId === bootId;
}

export function encodeRun(run: RunRecord): Uint8Array {
  return textBytes(`${JSON.stringify({ version: 1, ...run })}\n`);
}

export function decodeRun(bytes: Uint8Array): RunRecord | undefined {
  const fields = decodeJson(bytes);
  if (fields === undefined || fields.version !== 1) return undefined;
  const { bootId, directoryId, incarnations } = fields;
  const flushPolicy = POLICIES.find((policy) => policy === fields.flushPolicy);
  if (flushPolicy === undefined || typeof directoryId !== 'string') return undefined;
  return {
    ...{ flushPolicy, directoryId, bootId: typeof bootId === 'string' ? bootId : null },
    incarnations: Array.isArray(incarnations) ? incarnations.filter((one) => typeof one === 'string') : [],
  };
}
