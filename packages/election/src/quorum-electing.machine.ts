// The states of a voter without a leader: asking whether it could win, and standing (Q2, Q3, Q10).

import { follows, followsNewer, incredible, newer, stale } from './quorum-answers.ts';
import { quorumSetup } from './quorum-setup.ts';

export const prospective = quorumSetup.createStateConfig({
  description: 'Asks whether an election could be won, before it disturbs anybody (Q3)',
  entry: ['begin a round', 'ask for pre-votes'],
  always: { guard: 'is the only voter', target: 'candidate', meta: { rule: 'Q10' } },
  after: {
    'election timeout': [
      { guard: 'a leader is known', target: 'follower', meta: { rule: 'Q3' } },
      { target: 'prospective', reenter: true },
    ],
  },
  on: {
    'vote answered': [
      stale,
      incredible,
      followsNewer,
      newer,
      { guard: 'grant wins', actions: 'count the grant', target: 'candidate', meta: { rule: 'Q3' } },
      { guard: 'is granted', actions: 'count the grant' },
      follows,
      { guard: 'refusal loses', actions: 'count the refusal', target: '.denied', meta: { rule: 'Q3' } },
      { actions: 'count the refusal' },
    ],
    'vote failed': [
      stale,
      { guard: 'is worth asking again', actions: 'ask for that pre-vote again' },
      { guard: 'refusal loses', actions: 'count the refusal', target: '.denied', meta: { rule: 'Q3' } },
      { actions: 'count the refusal' },
    ],
  },
  initial: 'asking',
  states: {
    asking: {},
    denied: {
      always: [
        { guard: 'a leader is known', target: '#quorum.follower', meta: { rule: 'S62' } },
        { target: '#quorum.unattached' },
      ],
    },
  },
});

export const candidate = quorumSetup.createStateConfig({
  initial: 'voting for itself',
  states: {
    'voting for itself': {
      entry: ['stand', 'begin a round', 'store vote state', 'tell who leads'],
      on: {
        'vote state stored': [
          {
            guard: 'is the only voter',
            actions: 'send what waited',
            target: '#quorum.leader',
            meta: { rule: 'Q10' },
          },
          { actions: 'send what waited', target: 'asking', meta: { rule: 'Q1' } },
        ],
      },
    },
    'asking again': {
      description: 'Q6: a candidate that comes back asks for the same votes',
      entry: 'begin a round',
      always: 'asking',
    },
    asking: {
      entry: 'ask for votes',
      after: { 'election timeout': { actions: 'count the loss', target: '#quorum.prospective' } },
      on: {
        'vote answered': [
          stale,
          incredible,
          followsNewer,
          newer,
          { guard: 'grant wins', actions: 'count the grant', target: '#quorum.leader', meta: { rule: 'Q2' } },
          { guard: 'is granted', actions: 'count the grant' },
          follows,
          {
            guard: 'refusal loses',
            actions: ['count the refusal', 'count the loss'],
            target: 'backing off',
            meta: { rule: 'Q10' },
          },
          { actions: 'count the refusal' },
        ],
        'vote failed': [
          stale,
          { guard: 'is worth asking again', actions: 'ask for that vote again' },
          {
            guard: 'refusal loses',
            actions: ['count the refusal', 'count the loss'],
            target: 'backing off',
            meta: { rule: 'Q10' },
          },
          { actions: 'count the refusal' },
        ],
      },
    },
    'backing off': { after: { 'election backoff': '#quorum.prospective' } },
  },
});
