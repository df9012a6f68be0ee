// The verbs that every world knows: what happens to nodes, to the ways between them and to single messages.

import type { NodeId } from '@odradek/model';
import { everyOther, everythingSurvives, nothingSurvives, type Survival } from '@odradek/storage';
import type { DiskDelay } from './disk-pace.ts';
import { messageMatch } from './message-words.ts';
import type { Hold } from './network-faults.ts';
import { ScheduleError, timeIn } from './schedule.ts';
import type { VirtualNetwork } from './virtual-network.ts';

/** What the verbs act on. */
export interface WordedWorld {
  readonly network: VirtualNetwork;
  readonly nodes: readonly { readonly id: NodeId }[];
  nodeNamed(word: string): NodeId;
  name(word: string, id: NodeId): void;
  start(id: NodeId): void;
  crash(id: NodeId): void;
  power(id: NodeId, survival?: Survival): void;
  stop(id: NodeId): void;
  cont(id: NodeId): void;
  revive(id: NodeId): void;
  resume(id: NodeId): void;
  sync(id: NodeId): void;
  slowDisk(id: NodeId, delay: DiskDelay): void;
  /** The clock of a node runs ahead. */
  expire(id: NodeId, ms: number): void;
  jumpWall(id: NodeId, ms: number): void;
  /** How long a timer runs that schedules know by name. */
  timerMs(name: string): number | undefined;
  runUntil(condition: () => boolean, capMs: number): boolean;
  fail(message: string): never;
}

type Verb = (words: readonly string[]) => void;
type Condition = (words: readonly string[]) => boolean;

const survivals: Readonly<Record<string, () => Survival | undefined>> = {
  random: () => undefined,
  all: () => everythingSurvives,
  none: () => nothingSurvives,
  even: () => everyOther('first'),
  odd: () => everyOther('second'),
};

/** How long a step by hand waits for the message that it lets go. */
const STEP_CAP_MS = 10_000;

/** The verbs, and the conditions that go with them. */
export function worldWords(world: WordedWorld): {
  readonly verbs: Readonly<Record<string, Verb>>;
  readonly conditions: Readonly<Record<string, Condition>>;
} {
  const holds = new Map<string, Hold>();
  const forNodes = (act: (id: NodeId) => void) => (words: readonly string[]) => {
    for (const word of words) act(world.nodeNamed(word));
  };
  const match = (words: readonly string[]) => messageMatch(words, (word) => world.nodeNamed(word));
  const verbs: Record<string, Verb> = {
    start: forNodes((id) => world.start(id)),
    crash: forNodes((id) => world.crash(id)),
    power: (words) => powerOff(world, words),
    stop: forNodes((id) => world.stop(id)),
    /** Started if it is dead, which nobody may know for sure after an orderly stop. */
    revive: forNodes((id) => world.revive(id)),
    resume: forNodes((id) => world.resume(id)),
    cont: forNodes((id) => world.cont(id)),
    sync: forNodes((id) => world.sync(id)),
    disk: ([word = '', ...delay]) => world.slowDisk(world.nodeNamed(word), delayIn(delay)),
    expire: ([word = '', ...timer]) => world.expire(world.nodeNamed(word), expiryIn(world, timer)),
    wall: ([word = '', ...ms]) => world.jumpWall(world.nodeNamed(word), signedTimeIn(ms)),
    slow: ([way = '', ms = '']) =>
      ways(world, [way], (from, to) => world.network.slow(from, to, slownessIn(ms))),
    break: (words) => ways(world, words, (from, to) => world.network.break(from, to)),
    cut: (words) => ways(world, words, (from, to) => world.network.cut(from, to)),
    heal: (words) =>
      words.length === 0
        ? world.network.healAll()
        : ways(world, words, (from, to) => world.network.heal(from, to)),
    hold: ([name = '', ...words]) => {
      holds.set(name, world.network.hold(match(words)));
    },
    catch: ([name = '', ...words]) => {
      holds.set(name, world.network.hold(match(words), 1));
    },
    release: ([name = '']) => {
      const hold = holds.get(name);
      if (hold === undefined) throw new ScheduleError(`Nothing is held as "${name}"`);
      world.network.release(hold);
    },
    drop: (words) => world.network.loseNext(match(words)),
    dup: (words) => world.network.doubleNext(match(words)),
    let: ([name = '', , word = '']) => world.name(name, world.nodeNamed(word)),
    ...steppedFetches(world),
  };
  return { verbs, conditions: { holding: ([name = '']) => (holds.get(name)?.held.length ?? 0) > 0 } };
}

/** `power 1 2 keep=none`: what of that which was not synced stays; by default chance has it. */
function powerOff(world: WordedWorld, words: readonly string[]): void {
  const [kept = 'keep=random'] = words.filter((word) => word.startsWith('keep='));
  const survival = survivals[kept.slice('keep='.length)];
  if (survival === undefined)
    throw new ScheduleError(`"${kept}": what is kept is one of ${Object.keys(survivals).join(', ')}`);
  for (const word of words) if (!word.startsWith('keep=')) world.power(world.nodeNamed(word), survival());
}

/** `disk 2 40` or `disk 2 5..40`: how many milliseconds each order takes; `disk 2 stuck` until another word. */
function delayIn(words: readonly string[]): DiskDelay {
  const [text = ''] = words;
  if (text === 'stuck') return text;
  const [least = '', most = least] = text.split('..');
  const [minMs, maxMs] = [Number(least), Number(most)];
  if (text === '' || !(minMs >= 0) || !(maxMs >= minMs))
    throw new ScheduleError(`"disk … ${words.join(' ')}": 40, 5..40 or stuck`);
  return { minMs, maxMs };
}

/** `slow 1>2 50..200`: how many milliseconds each message takes; `slow 1>2 0` ends it. */
function slownessIn(text: string): { minDelayMs: number; maxDelayMs: number } | undefined {
  const delay = delayIn([text]);
  if (delay === 'stuck') throw new ScheduleError('"slow … stuck": a way that is stuck is cut');
  return delay.maxMs === 0 ? undefined : { minDelayMs: delay.minMs, maxDelayMs: delay.maxMs };
}

/** `wall 2 -3600000 ms`: a clock may jump both ways. */
function signedTimeIn([first = '', ...others]: readonly string[]): number {
  const isBack = first.startsWith('-');
  const ms = timeIn(`wall … ${first}`, [isBack ? first.slice(1) : first, ...others]);
  return isBack ? -ms : ms;
}

/** `expire 2 lag` or `expire 2 500 ms`. */
function expiryIn(world: WordedWorld, words: readonly string[]): number {
  return world.timerMs(words[0] ?? '') ?? timeIn(`expire … ${words.join(' ')}`, words);
}

function ways(world: WordedWorld, words: readonly string[], act: (from: NodeId, to: NodeId) => void): void {
  const some = (word: string): NodeId[] =>
    word === '*' ? world.nodes.map(({ id }) => id) : [world.nodeNamed(word)];
  for (const word of words) {
    const [one = '', sign, other = ''] = word.split(/([>|])/);
    if (sign === undefined) throw new ScheduleError(`"${word}" is no way: 1>2, 1|2, 1|*`);
    for (const from of some(one))
      for (const to of some(other)) {
        if (from === to) continue;
        act(from, to);
        if (sign === '|') act(to, from);
      }
  }
}

/**
 * Fetches by hand: after `by-hand 1>2` nothing that 1 fetches from 2 moves but by `fetch 1>2` (a whole round), `fetch.req 1>2` (the
 * question arrives) and `fetch.resp 1>2` (the answer arrives). `by-itself 1>2` ends it.
 */
function steppedFetches(world: WordedWorld): Readonly<Record<string, Verb>> {
  const stepped = new Map<string, { readonly questions: Hold; readonly answers: Hold }>();
  const endsOf = (way: string): [from: NodeId, to: NodeId] => {
    const [one = '', other = ''] = way.split('>');
    return [world.nodeNamed(one), world.nodeNamed(other)];
  };
  const step = (way: string, half: 'questions' | 'answers'): void => {
    const holds = stepped.get(endsOf(way).join('>'));
    if (holds === undefined) throw new ScheduleError(`"${way}" is not fetched by hand: by-hand ${way} first`);
    if (!world.runUntil(() => world.network.releaseNext(holds[half], 'fetchReplicas'), STEP_CAP_MS))
      world.fail(`no ${half === 'questions' ? 'fetch' : 'answer'} of ${way} within ${STEP_CAP_MS} ms`);
  };
  return {
    'by-hand': ([way = '']) => {
      const [from, to] = endsOf(way);
      stepped.set(`${from}>${to}`, {
        questions: world.network.hold({ api: 'fetchReplicas', kind: 'request', from, to }),
        answers: world.network.hold({ api: 'fetchReplicas', kind: 'answer', from: to, to: from }),
      });
    },
    'by-itself': ([way = '']) => {
      const holds = stepped.get(endsOf(way).join('>'));
      if (holds === undefined) throw new ScheduleError(`"${way}" is not fetched by hand`);
      world.network.release(holds.questions);
      world.network.release(holds.answers);
      stepped.delete(endsOf(way).join('>'));
    },
    'fetch.req': ([way = '']) => step(way, 'questions'),
    'fetch.resp': ([way = '']) => step(way, 'answers'),
    fetch: ([way = '']) => {
      step(way, 'questions');
      step(way, 'answers');
    },
  };
}
