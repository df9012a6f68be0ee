// Whether a node serves, condition by condition, in sentences. Of its peers nothing is asked: a node that is well must not be restarted
// because others are not.

import type { NodeMeasures } from '@odradek/core';

export interface Condition {
  readonly name: string;
  readonly isMet: boolean;
  /** Without it the node is not ready. Others are only told. */
  readonly isNeeded: boolean;
  readonly text: string;
}

export type ConditionMeasures = Pick<
  NodeMeasures,
  | 'quorum'
  | 'metadataEnd'
  | 'isMetadataStuck'
  | 'state'
  | 'brokerEpoch'
  | 'hosted'
  | 'noRoom'
  | 'isActiveController'
>;

/** Of a node that is there; `isBroker`: it has partitions, or is a controller alone. */
export function conditionsOf(measures: ConditionMeasures, isBroker: boolean): readonly Condition[] {
  const { state } = measures;
  return [
    metadataLog(measures),
    ...(isBroker ? [registered(measures), unfenced(measures), logs(measures), room(measures)] : []),
    {
      name: 'running',
      isMet: state === 'running',
      isNeeded: true,
      text: state === 'running' ? 'the node serves' : `the node is ${state}`,
    },
    controller(measures),
  ];
}

/** D6: whoever cannot write what is new in the metadata sends clients elsewhere, and learns of no leader or topic any more. */
function metadataLog({ quorum, metadataEnd, isMetadataStuck }: ConditionMeasures): Condition {
  const isOpen = quorum !== undefined;
  const upTo = `up to offset ${metadataEnd}`;
  const stuck = `what is new cannot be written, replayed only ${upTo}: clients are sent to other brokers`;
  return {
    name: 'metadata-log',
    isMet: isOpen && !isMetadataStuck,
    isNeeded: true,
    text: !isOpen ? 'not open yet' : isMetadataStuck ? stuck : `open, replayed ${upTo}`,
  };
}

function registered({ brokerEpoch }: ConditionMeasures): Condition {
  const isMet = brokerEpoch >= 0;
  const text = isMet ? `with broker epoch ${brokerEpoch}` : 'no controller has registered this broker yet';
  return { name: 'registered', isMet, isNeeded: true, text };
}

function unfenced({ state, brokerEpoch }: ConditionMeasures): Condition {
  const isMet = state === 'running' || state === 'draining';
  const why = brokerEpoch < 0 ? 'it is not registered' : 'it has not caught up with the metadata';
  return {
    name: 'unfenced',
    isMet,
    isNeeded: true,
    text: isMet ? 'it may lead partitions' : `${why}: it may lead nothing`,
  };
}

/** A broker serves what it can. */
function logs({ hosted }: ConditionMeasures): Condition {
  const failed = [...hosted.values()].filter(({ failure }) => failure !== undefined);
  const shown = failed.slice(0, 5).map(({ name }) => `${name.topic}-${name.partition}`);
  const more = failed.length > shown.length ? ` and ${failed.length - shown.length} more` : '';
  return {
    name: 'logs',
    isMet: failed.length === 0,
    isNeeded: false,
    text:
      failed.length === 0
        ? `${hosted.size} here, none has failed`
        : `${failed.length} of ${hosted.size} have failed: ${shown.join(', ')}${more}`,
  };
}

/** What is there is served all the same. */
function room({ noRoom }: ConditionMeasures): Condition {
  const text = noRoom ?? 'the disk has room for records';
  return { name: 'room', isMet: noRoom === undefined, isNeeded: false, text };
}

function controller({ quorum, isActiveController }: ConditionMeasures): Condition {
  const leader = quorum?.leaderId;
  const text =
    leader === undefined
      ? 'no active controller is known: nothing can be changed, and no leader elected'
      : `${isActiveController ? 'this node' : `node ${leader}`} leads the quorum in epoch ${quorum?.epoch}`;
  return { name: 'controller', isMet: leader !== undefined, isNeeded: false, text };
}

/** As Kubernetes writes it: one line for each condition, and one for all. */
export function conditionsText(name: string, conditions: readonly Condition[]): string {
  const lines = conditions.map((condition) => {
    const { isMet, isNeeded, text } = condition;
    if (isMet) return `[+]${condition.name} ok: ${text}`;
    return isNeeded ? `[-]${condition.name} failed: ${text}` : `[!]${condition.name} (not needed): ${text}`;
  });
  return [...lines, `${name} check ${isReady(conditions) ? 'passed' : 'failed'}`, ''].join('\n');
}

export function isReady(conditions: readonly Condition[]): boolean {
  return conditions.every(({ isMet, isNeeded }) => isMet || !isNeeded);
}
