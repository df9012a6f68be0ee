// Which steps of a node's machines are worth a sentence, and what it says. The machines decide; here is only what people call it.

import { eventWordsOf } from '../names.ts';
import type { ToldStep } from '../told-steps.ts';
import type { Level, Sentence } from './sentence.ts';

/** The sentence about a step of a node's machine; undefined: nobody would want to know. */
export function sentenceOf(step: ToldStep): Sentence | undefined {
  const words = wordsOf(step);
  if (words === undefined) return undefined;
  const { actor, from, to, rule } = step;
  const [level, text] = words;
  return {
    level,
    actor,
    event: eventWordsOf(step.event, step.machine),
    text,
    from,
    to,
    ...(rule === undefined ? {} : { rule }),
  };
}

type Words = readonly [Level, string];

function wordsOf(step: ToldStep): Words | undefined {
  switch (step.machine) {
    case 'broker':
      return brokerWords(step);
    case 'quorum':
      return quorumWords(step);
    case 'controller':
      return controllerWords(step);
    case 'partition':
      return partitionWords(step);
    default:
      return undefined;
  }
}

function top(state: string): string {
  return state.split('.')[0] ?? state;
}

function brokerWords({ from, to, context }: ToldStep): Words | undefined {
  if (top(from) === top(to)) return undefined;
  switch (top(to)) {
    case 'recovering':
      return ['info', 'recovers its logs'];
    case 'registering':
      return top(from) === 'recovering'
        ? undefined
        : ['warn', 'its registration has ended: it registers again, and leads nothing meanwhile'];
    case 'fenced':
      return top(from) === 'running'
        ? ['warn', 'is fenced: it leads nothing until it has caught up']
        : ['info', `is registered with broker epoch ${field(context, 'brokerEpoch')}`];
    case 'running':
      return ['info', 'serves'];
    case 'draining':
      return ['info', to.endsWith('closing') ? 'stops' : 'stops: its leaderships move to others first'];
    case 'stopped':
      return ['info', 'has stopped'];
    default:
      return undefined;
  }
}

function quorumWords({ from, to, before, context }: ToldStep): Words | undefined {
  const epoch = field(context, 'epoch');
  const leader = field(context, 'leaderId');
  const isNews = top(from) !== top(to) || field(before, 'leaderId') !== leader;
  if (!isNews) return undefined;
  switch (top(to)) {
    case 'leader':
      return ['info', `leads the quorum in epoch ${epoch}`];
    case 'follower':
    case 'observer':
      return leader === undefined ? undefined : ['info', `follows node ${leader} in epoch ${epoch}`];
    case 'candidate':
      return ['info', `stands for election in epoch ${epoch}`];
    case 'prospective':
      return ['warn', `hears of no leader since epoch ${epoch}: it asks who would vote for it`];
    case 'resigned':
      return ['info', `gives up the quorum’s leadership of epoch ${epoch}`];
    default:
      return undefined;
  }
}

function controllerWords({ from, to, context }: ToldStep): Words | undefined {
  if (from === to) return undefined;
  if (to === 'active') return ['info', `is the active controller in epoch ${field(context, 'epoch')}`];
  return from === 'active' ? ['info', 'is the active controller no more'] : undefined;
}

interface Place {
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly inSyncReplicas: readonly number[];
}

function partitionWords({ from, to, before, context }: ToldStep): Words | undefined {
  const place = placeIn(context);
  const was = placeIn(before);
  if (place === undefined || (from === to && was?.leaderEpoch === place.leaderEpoch)) return undefined;
  const inSync = `in sync ${place.inSyncReplicas.join(' ') || 'nobody'}`;
  switch (to) {
    case 'hosted.leading':
      return ['info', `leads in epoch ${place.leaderEpoch}, ${inSync}`];
    case 'hosted.following':
      return ['info', `follows broker ${place.leader} in epoch ${place.leaderEpoch}`];
    case 'hosted.offline':
      if (from === 'failed') return ['info', 'its damage is cut, the rest comes from the leader'];
      if (from === 'refused') return ['info', 'its log is opened again'];
      return from === to ? undefined : ['warn', `has no leader since epoch ${place.leaderEpoch}, ${inSync}`];
    case 'deleted':
      return ['info', 'is deleted here'];
    // Why a log has failed is told by its partition's order to report it.
    default:
      return undefined;
  }
}

function placeIn(context: unknown): Place | undefined {
  const place = field(context, 'place');
  return typeof place === 'object' && place !== null ? (place as Place) : undefined;
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
