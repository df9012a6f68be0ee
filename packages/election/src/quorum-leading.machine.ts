// The states of a leader (Q4, Q8, Q9).

import { incredible, newer } from './quorum-answers.ts';
import { quorumSetup } from './quorum-setup.ts';

export const leader = quorumSetup.createStateConfig({
  initial: 'taking office',
  exit: 'give up the lead',
  states: {
    'taking office': {
      description: 'Nothing is written in the epoch before it is durable that this member leads it (Q1, S65)',
      entry: ['take the lead', 'store vote state'],
      on: {
        'vote state stored': { actions: 'send what waited', target: 'in office', meta: { rule: 'Q1' } },
      },
    },
    'in office': {
      entry: ['enter office', 'write LeaderChange', 'tell who leads'],
      on: {
        'fetch requested': [
          {
            guard: 'fetch commits more',
            actions: [
              'note the fetch',
              'advance the high watermark',
              'tell the high watermark',
              'answer or park the fetch',
            ],
            meta: { rule: 'Q4' },
          },
          {
            guard: 'is for this leader',
            actions: ['note the fetch', 'answer or park the fetch'],
            meta: { rule: 'Q7' },
          },
        ],
        'snapshot chunk requested': {
          guard: 'is for this leader',
          actions: ['note the fetch', 'answer with a chunk'],
          meta: { rule: 'Q11' },
        },
        'log flushed': {
          guard: 'flush commits more',
          actions: ['advance the high watermark', 'tell the high watermark'],
          meta: { rule: 'Q5' },
        },
        'begin answered': [incredible, newer, { actions: 'note the answer', meta: { rule: 'Q9' } }],
        resign: { target: '#quorum.resigned', meta: { rule: 'Q9' } },
        // Nothing can be decided here: whoever has room is to lead.
        'no room': {
          target: '#quorum.resigned.short of room',
          actions: 'warn of the room',
          meta: { rule: 'D6' },
        },
      },
      initial: 'counting',
      states: {
        counting: {
          always: [
            { guard: 'is the only voter', target: 'alone', meta: { rule: 'Q8' } },
            { target: 'listening' },
          ],
        },
        alone: { description: 'Q8: who votes alone is its own majority, and has nobody to hear' },
        listening: {
          description: 'Q9: who has not fetched is told again who leads. Q8: without a majority it resigns',
          entry: 'tell the voters',
          after: {
            'listening interval': [
              {
                guard: 'a majority is heard',
                actions: 'note that a majority is heard',
                target: 'listening',
                reenter: true,
                meta: { rule: 'Q9' },
              },
              { target: '#quorum.resigned', meta: { rule: 'Q8' } },
            ],
          },
        },
      },
    },
  },
});
