import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { chartOf, mermaidOf } from '../src/index.ts';
import { replicaMachine, voterMachine } from './sample-machines.ts';

describe('a Mermaid drawing', () => {
  it('draws nested states, guards, delays, `always` and refused events', () => {
    expect(mermaidOf(chartOf(voterMachine))).toMatchInlineSnapshot(`
      "stateDiagram-v2
        state "voter" as voter {
          [*] --> follower
          state "follower" as follower
          follower : runs file
          state "candidate" as candidate {
            [*] --> candidate_asking
            state "asking" as candidate_asking
            candidate_asking : entry / announce
            candidate_asking : vote [isStale] (Q7) ignored
            candidate_asking : vote / countVote
            state "elected" as candidate_elected
            candidate_elected : exit / announce
            candidate_asking --> candidate_elected : always [hasVotes(needed = 2)]
          }
          state "stopped" as stopped
          stopped --> [*]
          follower --> follower : fetched
        }
        voter --> stopped : stop
        follower --> candidate_asking : after electionTimeout / countTimeout
      "
    `);
  });

  it('sets the regions of a parallel machine apart, in a box', () => {
    expect(mermaidOf(chartOf(replicaMachine))).toMatchInlineSnapshot(`
      "stateDiagram-v2
        state "replica" as replica {
          state "log" as log {
            [*] --> log_establishing
            state "establishing" as log_establishing
            state "serving" as log_serving
            log_establishing --> log_serving : fetch
          }
          --
          state "inSyncSet" as inSyncSet {
            [*] --> inSyncSet_settled
            state "settled" as inSyncSet_settled
            state "expanding" as inSyncSet_expanding
            inSyncSet_settled --> inSyncSet_expanding : propose
            inSyncSet_expanding --> inSyncSet_settled : settle
          }
        }
      "
    `);
  });

  it('keeps from labels what Mermaid would take for syntax, and renames a state called like a keyword', () => {
    const machine = setup({ guards: { isAbove: (_, _parameters: { limit: string }) => true } }).createMachine(
      {
        id: 'odd',
        initial: 'note',
        states: {
          note: {
            on: { 'a:b;c': { target: 'caught up', guard: { type: 'isAbove', params: { limit: '<"x">' } } } },
          },
          'caught up': {},
        },
      },
    );
    const drawing = mermaidOf(chartOf(machine));
    expect(drawing).toContain(`note_ --> caught_up : a,b,c [isAbove(limit = ‹'x'›)]`);
    expect(drawing).toContain('state "caught up" as caught_up');
  });
});
