// The states that pull the metadata log: of a voter that follows, and of an observer (Q5, Q7, Q11, Q13).

import { followsNewer, incredible, newer, stale } from './quorum-answers.ts';
import { quorumSetup } from './quorum-setup.ts';

/** Pulling the metadata log, which a voter and an observer do alike (Q13). */
const loading = {
  entry: ['count the question', 'ask for the next chunk'],
} as const;

const storing = {
  on: {
    'snapshot stored': {
      guard: 'is the snapshot that was loaded',
      actions: [
        'begin the log at the snapshot',
        'take the high watermark of the snapshot',
        'tell the high watermark',
      ],
      target: 'fetching',
      meta: { rule: 'Q11' },
    },
    'snapshot not stored': {
      target: 'short of room',
      actions: 'warn of the room',
      meta: { rule: 'D6' },
    },
  },
} as const;

const shortOfRoom = {
  description: 'D6: there was no room for the snapshot; it is loaded again in a while',
  after: { 'room retry': 'flushing' },
} as const;

const flushing = {
  description: 'Q5: the next fetch tells what is flushed, so all must be',
  always: { guard: 'everything is flushed', target: 'fetching' },
  on: {
    'log flushed': { guard: 'everything is flushed', target: 'fetching', meta: { rule: 'Q5' } },
  },
} as const;

const takesRecords = [
  {
    guard: 'parts from what is committed',
    actions: ['note that the leader is heard', 'complain of the leader'],
    target: '.retrying',
    meta: { rule: 'Q7' },
  },
  {
    guard: 'is diverging',
    actions: ['note that the leader is heard', 'cut at the divergence'],
    target: '.flushing',
    reenter: true,
    meta: { rule: 'Q7' },
  },
  {
    guard: 'is told to load a snapshot',
    actions: ['note that the leader is heard', 'begin to load'],
    target: '.loading snapshot',
    reenter: true,
    meta: { rule: 'Q7' },
  },
  {
    guard: 'has records',
    actions: ['append', 'hear what is committed', 'tell the high watermark'],
    target: '.flushing',
    reenter: true,
    meta: { rule: 'Q5' },
  },
  // A fetch begins only when everything is flushed: nothing was added, so the next one may follow.
  {
    guard: 'has no records',
    actions: ['hear what is committed', 'tell the high watermark'],
    target: '.fetching',
    reenter: true,
    meta: { rule: 'Q5' },
  },
] as const;

const takesChunks = [
  {
    guard: 'is the last chunk',
    actions: ['keep the chunk', 'store what was loaded'],
    target: '.storing snapshot',
    reenter: true,
    meta: { rule: 'Q11' },
  },
  {
    guard: 'is the next chunk',
    actions: 'keep the chunk',
    target: '.loading snapshot',
    reenter: true,
    meta: { rule: 'Q11' },
  },
] as const;

export const follower = quorumSetup.createStateConfig({
  initial: 'flushing',
  after: { 'fetch timeout': { actions: 'doubt the leader', target: 'prospective', meta: { rule: 'Q10' } } },
  on: {
    'epoch begun': { guard: 'is from my leader', actions: 'acknowledge', meta: { rule: 'Q9' } },
    'fetch answered': [
      stale,
      incredible,
      followsNewer,
      newer,
      { guard: 'leader has left', actions: ['forget the leader', 'tell who leads'], target: 'unattached' },
      ...takesRecords,
      { target: '.retrying' },
    ],
    'snapshot chunk answered': [
      stale,
      incredible,
      followsNewer,
      newer,
      ...takesChunks,
      { target: '.retrying' },
    ],
    'append refused': '.retrying',
    'fetch failed': [
      stale,
      { guard: 'leader refuses connections', target: '.doubting' },
      { target: '.retrying' },
    ],
    'peer refused': { guard: 'is about my leader', target: '.doubting' },
    'peer unlinked': { guard: 'is about my leader', actions: 'probe the leader' },
  },
  states: {
    fetching: { entry: ['count the question', 'fetch from the leader'] },
    flushing,
    retrying: { after: { 'retry backoff': 'flushing' } },
    doubting: {
      description:
        'The leader refuses connections: nobody waits out a timeout for it, and another that asks gets a pre-vote (failure by evidence)',
      entry: ['count the question', 'doubt the leader'],
      after: { 'evidence grace': '#quorum.prospective' },
      on: {
        'peer refused': { guard: 'is about my leader', actions: 'note that it is refused' },
        'peer reached': { guard: 'is about my leader', target: 'flushing' },
      },
    },
    'loading snapshot': loading,
    'storing snapshot': storing,
    'short of room': shortOfRoom,
  },
});

/** X9: it asks the next voter. */
const incredibleToObserver = {
  ...incredible,
  actions: [...incredible.actions, 'forget the leader', 'tell who leads'],
  target: '.retrying',
} as const;

export const observer = quorumSetup.createStateConfig({
  description: 'Q13: fetches as a follower does, has no vote and counts for nothing',
  initial: 'flushing',
  after: {
    'fetch timeout': {
      actions: ['forget the leader', 'tell who leads'],
      target: 'observer',
      reenter: true,
    },
  },
  on: {
    'fetch answered': [
      stale,
      incredibleToObserver,
      {
        guard: 'answer names the leader of a newer epoch',
        actions: ['adopt the epoch and its leader', 'store vote state', 'tell who leads'],
        target: '.fetching',
        reenter: true,
      },
      {
        guard: 'answer is of a newer epoch',
        actions: ['adopt the epoch', 'store vote state', 'tell who leads'],
        target: '.retrying',
      },
      {
        guard: 'answer names the leader',
        actions: ['learn the leader', 'store vote state', 'tell who leads'],
        target: '.fetching',
        reenter: true,
      },
      ...takesRecords,
      { actions: ['forget the leader', 'tell who leads'], target: '.retrying' },
    ],
    'snapshot chunk answered': [
      stale,
      incredibleToObserver,
      ...takesChunks,
      { actions: ['forget the leader', 'tell who leads'], target: '.retrying' },
    ],
    'append refused': '.retrying',
    'fetch failed': [stale, { actions: ['forget the leader', 'tell who leads'], target: '.retrying' }],
  },
  states: {
    fetching: { entry: ['count the question', 'fetch from somebody'] },
    flushing,
    retrying: { after: { 'retry backoff': 'flushing' } },
    'loading snapshot': loading,
    'storing snapshot': storing,
    'short of room': shortOfRoom,
  },
});
