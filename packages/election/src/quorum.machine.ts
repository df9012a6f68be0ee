// A member of the metadata quorum, after KRaft: Raft with pre-vote, replication by fetch, and a leader that must be heard (A6).
// Here is what every state answers; the states themselves stand in quorum-electing, -leading and -following.machine.ts, the words they are
// made of in quorum-setup. How far logs go and who has won is arithmetic in the files beside them.

import { stale } from './quorum-answers.ts';
import { contextAtStart } from './quorum-context.ts';
import { candidate, prospective } from './quorum-electing.machine.ts';
import { follower, observer } from './quorum-following.machine.ts';
import { leader } from './quorum-leading.machine.ts';
import { quorumSetup } from './quorum-setup.ts';

const refusedAtTheDoor = {
  guard: 'is refused at the door',
  actions: 'refuse at the door',
  meta: { rule: 'X8' },
} as const;

/** X9: adopted, it would be kept for ever. */
const incredible = {
  guard: 'is beyond belief',
  actions: ['note the epoch that is told', 'complain of the epoch', 'refuse what is beyond belief'],
  meta: { rule: 'X9' },
} as const;

const fenced = { guard: 'is of an older epoch', actions: 'refuse as fenced', meta: { rule: 'A1' } } as const;

export const quorumMachine = quorumSetup.createMachine({
  id: 'quorum',
  context: ({ input }) => contextAtStart(input.host),
  initial: 'starting',
  on: {
    'vote requested': [
      refusedAtTheDoor,
      incredible,
      fenced,
      {
        guard: 'is of a newer epoch',
        actions: ['adopt the epoch', 'store vote state', 'tell who leads', 'hear it again in that epoch'],
        target: '.unattached',
        reenter: true,
        meta: { rule: 'Q2' },
      },
      {
        guard: 'vote may be given',
        actions: ['give the vote', 'store vote state', 'answer that it is granted'],
        target: '.unattached',
        reenter: true,
        meta: { rule: 'Q2' },
      },
      { actions: 'refuse the vote', meta: { rule: 'Q2' } },
    ],
    'pre-vote requested': [
      refusedAtTheDoor,
      incredible,
      fenced,
      {
        guard: 'is of a newer epoch',
        actions: ['adopt the epoch', 'store vote state', 'tell who leads', 'hear it again in that epoch'],
        target: '.unattached',
        reenter: true,
        meta: { rule: 'Q3' },
      },
      { guard: 'pre-vote may be given', actions: 'answer that it is granted', meta: { rule: 'Q3' } },
      { actions: 'refuse the vote', meta: { rule: 'Q3' } },
    ],
    'epoch begun': [
      refusedAtTheDoor,
      incredible,
      fenced,
      {
        guard: 'names another leader of this epoch',
        actions: ['refuse a second leader', 'complain of two leaders'],
        meta: { rule: 'Q9' },
      },
      {
        guard: 'is of a newer epoch',
        actions: ['adopt the epoch and its leader', 'store vote state', 'tell who leads', 'acknowledge'],
        target: '.follower',
        reenter: true,
        meta: { rule: 'Q9' },
      },
      {
        actions: ['learn the leader', 'store vote state', 'tell who leads', 'acknowledge'],
        target: '.follower',
        meta: { rule: 'Q9' },
      },
    ],
    'epoch ended': [
      refusedAtTheDoor,
      incredible,
      fenced,
      {
        guard: 'names another leader of this epoch',
        actions: ['refuse a second leader', 'complain of two leaders'],
        meta: { rule: 'Q9' },
      },
      {
        guard: 'is of a newer epoch',
        actions: ['adopt the epoch', 'store vote state', 'tell who leads', 'hear it again in that epoch'],
        target: '.unattached',
        reenter: true,
        meta: { rule: 'Q9' },
      },
      { guard: 'is the first successor', actions: 'acknowledge', target: '.candidate', meta: { rule: 'Q9' } },
      {
        actions: ['forget the leader', 'tell who leads', 'acknowledge'],
        target: '.unattached',
        reenter: true,
        meta: { rule: 'Q9' },
      },
    ],
    'fetch requested': [
      refusedAtTheDoor,
      fenced,
      { guard: 'is of a newer epoch', actions: 'refuse an unknown epoch', meta: { rule: 'A1' } },
      { actions: 'refuse as not leading', meta: { rule: 'Q7' } },
    ],
    'snapshot chunk requested': [
      refusedAtTheDoor,
      fenced,
      { guard: 'is of a newer epoch', actions: 'refuse an unknown epoch', meta: { rule: 'A1' } },
      { actions: 'refuse as not leading', meta: { rule: 'Q7' } },
    ],
    // Answers that come after this member has gone on to another state.
    'vote answered': stale,
    'vote failed': stale,
    'fetch answered': stale,
    'fetch failed': stale,
    'snapshot chunk answered': stale,
    'begin answered': { actions: 'note stale answer', meta: { rule: 'S71' } },
    'vote state stored': { actions: 'send what waited', meta: { rule: 'Q1' } },
    'snapshot taken': [
      { guard: 'snapshot is committed', actions: 'store the snapshot', meta: { rule: 'Q11' } },
      { actions: 'note that it is refused', meta: { rule: 'Q11' } },
    ],
    'snapshot stored': [
      {
        guard: 'is a snapshot beyond the log',
        actions: [
          'begin the log at the snapshot',
          'take the high watermark of the snapshot',
          'tell the high watermark',
        ],
        meta: { rule: 'Q11' },
      },
      { actions: 'move the log start', meta: { rule: 'Q11' } },
    ],
    // Of our own: the log stays as long as it is, until there is room for the next one.
    'snapshot not stored': { actions: 'warn of the room', meta: { rule: 'D6' } },
    'no room': { actions: 'note that nothing is led' },
    stop: '.stopped',
    resign: { actions: 'note that nothing is led' },
    'storage failed': { target: '.failed', meta: { rule: 'D3' } },
    'log failed': { target: '.failed', meta: { rule: 'D3' } },
  },
  states: {
    starting: {
      description: 'Q6: as what a member comes back; never as leader',
      always: [
        { guard: 'comes back as observer', target: 'observer', meta: { rule: 'Q13' } },
        { guard: 'is the only voter', target: 'candidate', meta: { rule: 'Q10' } },
        { guard: 'comes back as resigned', target: 'resigned', meta: { rule: 'Q6' } },
        { guard: 'comes back as candidate', target: 'candidate.asking again', meta: { rule: 'Q6' } },
        {
          guard: 'comes back as follower',
          actions: 'tell who leads',
          target: 'follower',
          meta: { rule: 'Q6' },
        },
        { target: 'unattached' },
      ],
    },
    observer,
    unattached: {
      description: 'Knows the epoch, and nobody who leads it',
      always: { guard: 'is an observer', target: 'observer', meta: { rule: 'Q13' } },
      after: { patience: { target: 'prospective', meta: { rule: 'Q10' } } },
    },
    prospective,
    candidate,
    follower,
    leader,
    resigned: {
      description: 'Led this epoch and writes no more in it; gives no vote in it either (Q6)',
      entry: ['name successors', 'leave office', 'tell who leads'],
      initial: 'waiting',
      states: {
        waiting: { after: { patience: '#quorum.prospective' } },
        'short of room': {
          description: 'Its disk had no room for what it was to write (D6): it lets others stand first',
          after: { 'room retry': '#quorum.prospective' },
        },
      },
    },
    stopped: { type: 'final' },
    failed: { type: 'final', entry: 'tell the failure' },
  },
  options: { maxIterations: 100 },
});
