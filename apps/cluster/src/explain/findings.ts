// Why a partition is as it is, in sentences: from what the metadata, the controller and the replicas' own machines say. Each finding
// says what is so, why, and what would help.

import type { PartitionExplanation } from '@odradek/client';
import { ageText, brokersText, brokerText, clockText, eitherText, wordsOf } from './words.ts';

export type FindingKind =
  /** Nobody leads: nothing can be read or written. */
  | 'offline'
  /** Writes with acks=all are refused. */
  | 'refuses writes'
  /** A replica is not in sync. */
  | 'under-replicated'
  /** A replica's log has failed. */
  | 'failed log'
  | 'refused log'
  /** It is led, but the leader does not know yet what is committed. */
  | 'establishing'
  /** No quorum: nothing of the cluster can be changed. */
  | 'no controller'
  /** What its nodes say does not fit together; it is about to change, or a node was not reached. */
  | 'unsettled';

export interface Finding {
  readonly kind: FindingKind;
  readonly text: string;
  /** Commands that would help, or what would. */
  readonly help: readonly string[];
}

/** Everything that is wrong with a partition; nothing when all is well. */
export function findingsOf(told: PartitionExplanation): readonly Finding[] {
  return [...noController(told), ...(told.leader === -1 ? offline(told) : led(told)), ...failedLogs(told)];
}

function noController({ missingQuorum }: PartitionExplanation): Finding[] {
  if (missingQuorum === '') return [];
  return [
    {
      kind: 'no controller',
      text: `There is ${missingQuorum}. What is led goes on; no leader can be elected, and no in-sync set changes.`,
      help: ['Start the missing controllers. Who they are: odradek cluster status'],
    },
  ];
}

/** C3: who may lead, and what speaks against each. */
function offline(told: PartitionExplanation): Finding[] {
  const { topic, partition, inSyncReplicas, eligibleLeaderReplicas, lastKnownLeaders, waitingFor } = told;
  const name = `${topic}-${partition}`;
  const held = [...new Set([...inSyncReplicas, ...eligibleLeaderReplicas])];
  const last = held.map((id) => `broker ${id}${stateText(told, id)}`);
  const why =
    held.length === 0
      ? `no replica is known to have all that was committed${lastKnownText(lastKnownLeaders)}`
      : `${held.length === 1 ? 'its last replica with all that was committed is' : 'its last replicas with all that was committed are'} ${last.join(', and ')}`;
  const waits =
    waitingFor.length === 0 ? 'It waits for an election.' : `It waits for ${eitherText(waitingFor)}.`;
  return [
    {
      kind: 'offline',
      text: `${name} is offline since leader epoch ${told.leaderEpoch}: ${why}. ${waits}`,
      help: [...bringBack(told, waitingFor), ...giveUp(told, held)],
    },
  ];
}

function lastKnownText(leaders: readonly number[]): string {
  return leaders.length === 0 ? '' : `; the last known leader is ${brokersText(leaders)}`;
}

/** `(epoch 4), which is fenced since 12:03:11`. */
function stateText(told: PartitionExplanation, id: number): string {
  const broker = told.brokers.find((one) => one.id === id);
  if (broker === undefined || !broker.isRegistered) return ', which is not registered';
  const since = broker.sinceMs < 0 ? '' : ` since ${clockText(broker.sinceMs)}`;
  const epoch = ` (broker epoch ${broker.brokerEpoch})`;
  if (told.failedReplicas.includes(id)) return `${epoch}, whose log has failed`;
  if (broker.isFenced) return `${epoch}, which is fenced${since}`;
  return broker.isShuttingDown ? `${epoch}, which is shutting down` : `${epoch}, which is there`;
}

function bringBack(told: PartitionExplanation, ids: readonly number[]): string[] {
  const gone = ids.filter((id) => told.brokers.find((broker) => broker.id === id)?.isFenced !== false);
  if (gone.length === 0) return [];
  return [`Start ${eitherText(gone)} again, with the directory it had: then nothing is lost.`];
}

/** An operator's word. Only what somebody alive holds can be kept. */
function giveUp(
  { topic, partition, brokers, failedReplicas }: PartitionExplanation,
  held: readonly number[],
): string[] {
  const alive = brokers.filter(({ id, isFenced }) => !isFenced && !failedReplicas.includes(id));
  const others = alive.filter(({ id }) => !held.includes(id));
  if (others.length === 0) return [];
  const whose = held.length === 0 ? 'the others' : brokersText(held);
  return [
    `Or give up what only ${whose} may have, and let ${brokersText(others.map(({ id }) => id))} lead: odradek topic elect ${topic} --partition ${partition} --kind unclean`,
  ];
}

function led(told: PartitionExplanation): Finding[] {
  return [...unsettled(told), ...refusal(told), ...fullDisk(told), ...establishing(told), ...missing(told)];
}

/** The metadata names a leader; does that broker say so too? */
function unsettled(told: PartitionExplanation): Finding[] {
  const { topic, partition, leader, leaderEpoch } = told;
  const words = wordsOf(told, leader);
  const name = `${topic}-${partition}`;
  const finding = (text: string, help: string): Finding[] => [{ kind: 'unsettled', text, help: [help] }];
  const trouble = troubleOf(told, leader);
  if (words === undefined && trouble !== '')
    return finding(
      `${name} is led by ${brokerText(leader)} in epoch ${leaderEpoch}, but that broker does not lead it: ${trouble}.`,
      `Make room on the disk of ${brokerText(leader)}: it goes on by itself. Or stop it in order until there is room: then another leads.`,
    );
  if (words === undefined)
    return finding(
      `${name} is led by ${brokerText(leader)} in epoch ${leaderEpoch}, but that broker does not answer${addressText(told, leader)} when the others ask, or knows nothing of it yet.`,
      `See what it says: ${readyzText(told, leader)}. If it is dead, it is fenced after broker.session.timeout.ms and another leads. If it lives, see what is between the brokers: odradek cluster status, asked of each (--bootstrap).`,
    );
  if (words.state === 'leading' && words.leaderEpoch === leaderEpoch) return [];
  return finding(
    `${name} is led by ${brokerText(leader)} in epoch ${leaderEpoch}, and that broker says: ${words.state} in epoch ${words.leaderEpoch}. It has not replayed the metadata so far.`,
    'This passes by itself; if it does not, see how far the nodes are: odradek cluster status',
  );
}

/** What is wrong with a broker's disk, as the controller was told. */
function troubleOf({ brokers }: PartitionExplanation, id: number): string {
  return brokers.find((broker) => broker.id === id)?.trouble ?? '';
}

function addressText(told: PartitionExplanation, id: number): string {
  const address = told.brokers.find((broker) => broker.id === id)?.address ?? '';
  return address === '' ? '' : ` at ${address}`;
}

/** L6: the leader's own guard. */
function refusal(told: PartitionExplanation): Finding[] {
  const { topic, partition, inSyncReplicas, replicas, minInSyncReplicas, leader } = told;
  const needed = wordsOf(told, leader)?.minInSync ?? Math.min(minInSyncReplicas, replicas.length);
  if (inSyncReplicas.length >= needed) return [];
  const out = replicas.filter((id) => !inSyncReplicas.includes(id));
  return [
    {
      kind: 'refuses writes',
      text: `${topic}-${partition} refuses writes with acks=all, and commits nothing: ${inSyncReplicas.length} of ${replicas.length} replicas ${inSyncReplicas.length === 1 ? 'is' : 'are'} in sync (${brokersText(inSyncReplicas)}), min.insync.replicas asks for ${needed}. Records below the high watermark can be read.`,
      help: [
        `Bring ${brokersText(out)} back into sync.`,
        `Or accept fewer copies: odradek topic alter ${topic} --set min.insync.replicas=${inSyncReplicas.length}`,
      ],
    },
  ];
}

/** D6: what is there can be read, and replicated. */
function fullDisk(told: PartitionExplanation): Finding[] {
  const { topic, partition, leader, inSyncReplicas } = told;
  const noRoom = wordsOf(told, leader)?.noRoom ?? '';
  if (noRoom === '') return [];
  const others = inSyncReplicas.filter((id) => id !== leader && wordsOf(told, id)?.noRoom === '');
  const whoElse =
    others.length === 0
      ? 'Or on that of another replica: in sync and with room it leads instead.'
      : `Or wait: ${eitherText(others)} leads instead once its disk has had room for a while.`;
  return [
    {
      kind: 'refuses writes',
      text: `${topic}-${partition} refuses writes: on ${brokerText(leader)}, its leader, ${noRoom}. What is there can be read.`,
      help: [`Make room on the disk of ${brokerText(leader)}: records are taken again at once.`, whoElse],
    },
  ];
}

/** L8. */
function establishing(told: PartitionExplanation): Finding[] {
  const words = wordsOf(told, told.leader);
  if (words?.role !== 'establishing') return [];
  return [
    {
      kind: 'establishing',
      text: `${told.topic}-${told.partition} is led by ${brokerText(told.leader)} since epoch ${words.leaderEpoch}, which does not know yet what is committed: not all in-sync replicas have fetched in this epoch.`,
      help: ['This passes once they have.'],
    },
  ];
}

/** Each replica out of sync, with what its leader's guard (I3) has against it, and what it says itself. */
function missing(told: PartitionExplanation): Finding[] {
  return told.replicas
    .filter((id) => !told.inSyncReplicas.includes(id) && !told.failedReplicas.includes(id))
    .map((id) => {
      const [why, help] = whyMissing(told, id);
      const text = `${told.topic}-${told.partition} is under-replicated: ${brokerText(id)} is not in sync${why}`;
      return { kind: 'under-replicated', text, help };
    });
}

function whyMissing(told: PartitionExplanation, id: number): readonly [string, readonly string[]] {
  const broker = told.brokers.find((one) => one.id === id);
  if (broker === undefined || !broker.isRegistered)
    return [': no broker of that id is registered.', [`Start ${brokerText(id)}.`]];
  const since = broker.sinceMs < 0 ? '' : ` since ${clockText(broker.sinceMs)}`;
  if (broker.isFenced && broker.isShuttingDown)
    return [
      `: it was stopped in order${since === '' ? '' : `, at ${clockText(broker.sinceMs)}`}.`,
      [`Start ${brokerText(id)}.`],
    ];
  if (broker.isFenced)
    return [
      `: it is fenced${since}, so the controller does not hear of it.`,
      [`Start ${brokerText(id)}. If it runs, see why it is not ready: ${readyzText(told, id)}`],
    ];
  if (broker.isShuttingDown) return [': it is shutting down.', [`Start ${brokerText(id)} again.`]];
  return ofLivingFollower(told, id);
}

function readyzText(told: PartitionExplanation, id: number): string {
  const address = told.brokers.find((broker) => broker.id === id)?.address ?? '';
  return `curl 'http://${address === '' ? 'HOST:PORT' : address}/readyz?verbose'`;
}

function ofLivingFollower(told: PartitionExplanation, id: number): readonly [string, readonly string[]] {
  const trouble = troubleOf(told, id);
  if (trouble !== '')
    return [
      `: ${trouble}.`,
      [`Make room on the disk of ${brokerText(id)}: it goes on by itself, and catches up.`],
    ];
  const leader = wordsOf(told, told.leader);
  const follower = leader?.followers.find((one) => one.broker === id);
  const own = wordsOf(told, id);
  const itself =
    own === undefined
      ? 'It does not answer, or knows nothing of it yet.'
      : `It says: ${own.role || own.state}, its log ends at ${own.logEndOffset}.`;
  if (leader === undefined || follower === undefined)
    return [`; why, ${brokerText(told.leader)} would know, which leads and does not answer. ${itself}`, []];
  if (leader.pendingReplicas.includes(id))
    return [
      `: its leader has asked the controller to take it in. ${itself}`,
      ['This passes once the controller has answered.'],
    ];
  if (follower.obstacle === 'has not fetched in this leader epoch')
    return [
      `: it has not fetched from ${brokerText(told.leader)} in epoch ${leader.leaderEpoch}. ${itself}`,
      [
        ...(own === undefined ? [`See what it says: ${readyzText(told, id)}`] : []),
        `See whether ${brokerText(id)} reaches ${brokerText(told.leader)}${addressText(told, told.leader)}: odradek doctor --config FILE there.`,
      ],
    ];
  const behind = Math.max(0, leader.logEndOffset - follower.flushedEndOffset);
  if (follower.obstacle.startsWith('is below') && own === undefined)
    return [
      `: it ${follower.obstacle}, ${behind} records behind; ${ageText(follower.caughtUpAgoMs)}. ${itself}`,
      [`See what is between ${brokerText(id)} and its peers${addressText(told, id)}.`],
    ];
  if (follower.obstacle.startsWith('is below'))
    return [
      `: it ${follower.obstacle}, ${behind} records behind; ${ageText(follower.caughtUpAgoMs)}. ${itself}`,
      [
        'It catches up by itself. If it falls behind again, its disk or network is slower than its leader writes: odradek_log_flush_seconds and odradek_replica_lag_records in GET /metrics.',
      ],
    ];
  const reason = follower.obstacle === '' ? 'nothing speaks against it' : `it ${follower.obstacle}`;
  return [`: ${reason}. ${itself}`, ['This passes by itself.']];
}

/** D6, D11. */
function refusedLog({ topic, partition }: PartitionExplanation, id: number, failure: string): Finding {
  return {
    kind: 'refused log',
    text: `The log of ${topic}-${partition} on ${brokerText(id)} is not open yet: ${failure}. Nothing of it is lost.`,
    help: [
      `${brokerText(id)} opens it again by itself, after half a minute at most. Make room on its disk, or let it have more open files (ulimit -n).`,
    ],
  };
}

/** C11, D3, D8. */
function failedLogs(told: PartitionExplanation): Finding[] {
  const ids = new Set([
    ...told.failedReplicas,
    ...told.words.filter(({ failure }) => failure !== '').map(({ broker }) => broker),
  ]);
  return [...ids].map((id) => {
    const { failure = '', state } = wordsOf(told, id) ?? {};
    if (state === 'refused') return refusedLog(told, id, failure);
    const why = failure === '' ? '' : `: ${failure}`;
    return {
      kind: 'failed log',
      text: `The log of ${told.topic}-${told.partition} on ${brokerText(id)} has failed${why}. It neither leads nor follows; ${brokerText(id)} serves its other partitions.`,
      help: [
        `Damage heals by itself once another replica leads. After a disk's error, see to the disk and restart ${brokerText(id)}; odradek log check DIR tells what the directory holds.`,
      ],
    };
  });
}
