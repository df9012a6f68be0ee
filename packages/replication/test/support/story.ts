// Plays a golden trace: lines that begin with `>` are commands, the lines below say what came of them, `#` explains.
// With ODRADEK_WRITE_TRACES=1 the answers are written anew; read the difference before it is committed.

import type { KafkaErrorName } from '@odradek/model';
import { fill } from './log.ts';
import { World } from './world.ts';

type Command = (world: World, words: readonly string[], say: (line: string) => void) => void;

const ids = (words: readonly string[]): number[] => words.map(Number);

const commands: Readonly<Record<string, Command>> = {
  /** `log 1 20@1 5@2`: twenty records of epoch 1 and five of epoch 2. */
  log: (world, [id, ...runs]) => {
    for (const run of runs) {
      const [count, epoch] = run.split('@');
      fill(world.broker(Number(id)).log, Number(epoch), Number(count));
    }
    world.clock.pass(0);
  },
  'high-watermark': (world, [id, offset]) => {
    world.broker(Number(id)).checkpointedHighWatermark = Number(offset);
  },
  epoch: (world, [epoch]) => {
    world.registration = { ...world.registration, leaderEpoch: Number(epoch) };
  },
  elect: (world, [id, kind]) => world.elect(Number(id), kind === 'uncleanly'),
  'in-sync': (world, words) => world.change({ inSyncReplicas: ids(words) }),
  /** Hears no metadata until it is told. */
  deafen: (world, words) => {
    for (const id of ids(words)) world.broker(id).hearsMetadata = false;
  },
  tell: (world, words) => {
    for (const id of ids(words)) world.publish(id);
  },
  produce: (world, [id, count, acks]) => {
    world.produce(Number(id), Number(count), acks === 'acks=1' ? 'leader' : 'all');
    world.clock.pass(0);
  },
  fetch: (world, words) => {
    for (const id of ids(words)) world.fetch(id);
  },
  ask: (world, words) => {
    for (const id of ids(words)) world.ask(id);
  },
  release: (world, words) => {
    for (const id of ids(words)) world.release(id);
  },
  'commit-report': (world, words) => {
    for (const id of ids(words)) world.commitReport(id);
  },
  /** The controller makes the change that was proposed last, and tells nobody but those that hear metadata. */
  apply: (world) => {
    const proposal = world.proposals.at(-1)?.proposal;
    if (proposal === undefined) throw new Error('nothing was proposed');
    const { leaderEpoch, partitionEpoch } = world.registration;
    if (proposal.leaderEpoch !== leaderEpoch || proposal.partitionEpoch !== partitionEpoch)
      throw new Error('the proposal is of another epoch');
    world.change({
      inSyncReplicas: proposal.inSyncReplicas.map((member) => member.brokerId),
      isRecovering: proposal.isRecovering,
    });
  },
  answer: (world, [error]) =>
    world.answerProposal(
      error === 'lost'
        ? { outcome: 'no answer' }
        : { ...world.registration, outcome: 'answered', error: (error ?? 'NONE') as KafkaErrorName },
    ),
  /** `answer-of 2 NONE 1 2 3`: an answer that was sent when the partition epoch was 2 and these were in sync. */
  'answer-of': (world, [partitionEpoch, error, ...members]) =>
    world.answerProposal({
      outcome: 'answered',
      error: error as KafkaErrorName,
      leaderEpoch: world.registration.leaderEpoch,
      partitionEpoch: Number(partitionEpoch),
      inSyncReplicas: ids(members),
    }),
  pass: (world, [ms]) => world.clock.pass(Number(ms)),
  eligible: (world, [id]) => eligibility(world, Number(id), true),
  ineligible: (world, [id]) => eligibility(world, Number(id), false),
  crash: (world, words) => {
    for (const id of ids(words)) world.stop(id, false);
  },
  'lose-power': (world, words) => {
    for (const id of ids(words)) world.stop(id, true);
  },
  /** Its disk comes back empty. */
  wipe: (world, [id]) => world.broker(Number(id)).log.truncateFullyAndStartAt(0),
  ends: (world, [id], say) => {
    for (const { broker, logEndOffset } of world.broker(Number(id)).leader?.describeEnds() ?? [])
      say(`${id} knows that ${broker} ends at ${logEndOffset}`);
  },
  start: (world, words) => {
    for (const id of ids(words)) world.start(id);
  },
  read: (world, [id, offset, epoch, lastEpoch], say) => {
    const read = world.broker(Number(id)).leader?.consumerRead(
      {
        fetchOffset: Number(offset),
        currentLeaderEpoch: Number(epoch ?? -1),
        lastFetchedEpoch: Number(lastEpoch ?? -1),
      },
      Number.MAX_SAFE_INTEGER,
    );
    if (read?.outcome === 'records') say(`a consumer reads up to ${read.nextOffset}`);
    else if (read?.outcome === 'diverging')
      say(`a consumer learns that epoch ${read.diverging.epoch} ends at ${read.diverging.endOffset}`);
    else say(`a consumer is answered ${read?.outcome === 'refused' ? read.error : 'NOT_LEADER_OR_FOLLOWER'}`);
  },
  latest: (world, [id], say) =>
    say(`the latest offset is ${world.broker(Number(id)).leader?.latestOffset(-1)}`),
  'in-sync-set': (world, words, say) => {
    for (const id of ids(words))
      say(`${id} commits with ${world.broker(id).leader?.maximalInSync.join(' ')}`);
  },
  epochs: (world, words, say) => {
    for (const id of ids(words))
      say(
        `${id} knows ${world
          .broker(id)
          .log.epochs.map(({ epoch, startOffset }) => `epoch ${epoch} from ${startOffset}`)
          .join(', ')}`,
      );
  },
  show: (world, words, say) => {
    for (const id of ids(words)) say(world.describe(id));
  },
};

function eligibility(world: World, id: number, isEligible: boolean): void {
  world.broker(id).isEligible = isEligible;
  for (const { leader } of world.brokers.values()) leader?.eligibilityChanged();
}

/** Tells the story again, with what comes of each command now. */
export function play(story: string): string {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
  };
  let world: World | undefined;
  for (const line of story.split('\n')) {
    if (!line.startsWith('>')) {
      if (line.startsWith('#') || line === '') lines.push(line);
      continue;
    }
    lines.push(line);
    const [name = '', ...words] = line.slice(1).trim().split(/\s+/);
    if (name === 'replicas') {
      world = worldOf(words, say);
      continue;
    }
    const command = commands[name];
    if (command === undefined || world === undefined) throw new Error(`cannot play: ${line}`);
    command(world, words, say);
  }
  return lines.join('\n');
}

/** `replicas 1 2 3 in-sync 1 2 min 2`. */
function worldOf(words: readonly string[], say: (line: string) => void): World {
  const at = words.indexOf('in-sync');
  const min = words.indexOf('min');
  return new World({
    replicas: ids(words.slice(0, at)),
    inSync: ids(words.slice(at + 1, min < 0 ? undefined : min)),
    ...(min < 0 ? {} : { minInSync: Number(words[min + 1]) }),
    say,
  });
}
