import type { NodeId } from '@odradek/model';
import { batchOf, directoryOf, type Member, World } from './world.ts';

/** Tells a story anew: its comments and commands, and after each command what happened. */
export function retell(story: string): string {
  const teller = new Teller();
  return story
    .split('\n')
    .filter((line) => line.startsWith('#') || line.startsWith('> ') || line === '')
    .flatMap((line) => (line.startsWith('> ') ? [line, ...teller.tell(line.slice(2))] : [line]))
    .join('\n');
}

type Command = (teller: Teller, words: readonly string[]) => readonly string[];

/** What a story may say; the words after the command are ids unless it is told otherwise. */
const commands: Readonly<Record<string, Command>> = {
  // voters 1 2 3 observers 7 seed 4
  voters: (teller, words) => teller.gather(words),
  start: (teller, words) => {
    teller.world.start(...words.map(Number));
    return [];
  },
  settle: (teller) => {
    teller.world.settle();
    return [];
  },
  run: (teller, [ms]) => {
    teller.world.run(Number(ms));
    return [];
  },
  // cut 1 2: nothing that 1 says reaches 2
  cut: (teller, [from, to]) => {
    teller.world.network.cut(Number(from), Number(to));
    return [];
  },
  isolate: (teller, [id]) => {
    teller.world.isolate(Number(id));
    return [];
  },
  heal: (teller) => {
    teller.world.network.heal();
    return [];
  },
  // kill -9: the machine lives on, and what is in its page cache with it.
  kill: (teller, [id]) => {
    teller.member(id).end(true);
    return [];
  },
  power: (teller, [id]) => {
    teller.member(id).end(false);
    return [];
  },
  resign: (teller, [id]) => {
    teller.member(id).running.resign(() => teller.world.say(`${id} has told the others that it resigns`));
    return [];
  },
  'hold-flushes': (teller, [id]) => {
    teller.member(id).holdsFlushes = true;
    return [];
  },
  flush: (teller, [id]) => {
    teller.member(id).log.flushNow();
    return [];
  },
  'flush-again': (teller, [id]) => {
    teller.member(id).holdsFlushes = false;
    teller.member(id).log.flushNow();
    return [];
  },
  'hold-vote-state': (teller, [id]) => {
    teller.member(id).holdsVoteStates = true;
    return [];
  },
  'let-vote-state-through': (teller, [id]) => {
    teller.member(id).letVoteStatesThrough();
    return [];
  },
  // append 1 some-text
  append: (teller, [id, text]) => {
    const append = teller.member(id).running.appendRecords([batchOf(text ?? '')]);
    return [
      append.outcome === 'appended'
        ? `${id} appends ${text} at ${append.firstOffset}`
        : `${id}: ${append.outcome}`,
    ];
  },
  // vote 1 3 epoch 5: voter 1, with as long a log, asks 3
  vote: (teller, [from, to, , epoch]) => teller.askVote(Number(from), Number(to), Number(epoch)),
  show: (teller) => [...teller.world.members.values()].map(described),
};

class Teller {
  #world: World | undefined;

  get world(): World {
    if (this.#world === undefined) throw new Error('a story begins with its voters');
    return this.#world;
  }

  member(id: string | undefined): Member {
    return this.world.member(Number(id));
  }

  tell(line: string): readonly string[] {
    const [name = '', ...words] = line.split(' ');
    const command = commands[name];
    if (command === undefined)
      throw new Error(`"${name}" is no command; there are ${Object.keys(commands).join(', ')}`);
    const shown = command(this, words);
    return [...folded(this.#world?.lines.splice(0) ?? []), ...shown];
  }

  gather(words: readonly string[]): readonly string[] {
    const numbers = (name: string): NodeId[] => {
      const from = name === 'voters' ? 0 : words.indexOf(name) + 1;
      if (from === 0 && name !== 'voters') return [];
      const rest = words.slice(from);
      const end = rest.findIndex((word) => !/^\d+$/.test(word));
      return rest.slice(0, end < 0 ? rest.length : end).map(Number);
    };
    this.#world = new World(numbers('voters'), numbers('observers'), numbers('seed')[0] ?? 1);
    return [];
  }

  askVote(from: NodeId, to: NodeId, epoch: number): readonly string[] {
    const { log, id } = this.member(`${to}`);
    const answer = this.world.ask(from, to, {
      api: 'vote',
      body: {
        clusterId: 'cluster',
        epoch,
        candidateId: from,
        candidateDirectoryId: directoryOf(from),
        voterId: to,
        voterDirectoryId: directoryOf(to),
        lastEpoch: log.lastEpoch,
        lastEpochEndOffset: log.logEndOffset,
        preVote: false,
      },
    });
    this.world.run(5);
    const body = answer();
    if (body === undefined) return [`${id} has not answered ${from}`];
    if (body.error !== 'NONE') return [`${id} refuses ${from}: ${body.error}`];
    return [`${id} ${body.voteGranted ? 'gives' : 'refuses'} ${from} its vote in epoch ${epoch}`];
  }
}

/** What happens over and over is told once, with how often. */
function folded(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  const often = 3;
  return lines.flatMap((line, index) => {
    const count = counts.get(line) ?? 0;
    if (count <= often) return [line];
    return lines.indexOf(line) === index ? [`${line} (${count} times)`] : [];
  });
}

function described({ id, quorum, log }: Member): string {
  if (quorum === undefined) return `  ${id}: down`;
  const log0 = `log ${log.logStartOffset} to ${log.logEndOffset}, flushed to ${log.flushedEndOffset}`;
  return `  ${id}: ${quorum.state} in epoch ${quorum.epoch}, leader ${quorum.leaderId ?? 'unknown'}, ${log0}, committed to ${quorum.highWatermark}`;
}
