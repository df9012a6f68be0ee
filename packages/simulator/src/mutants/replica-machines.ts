// What mutants of replication are made of: a role that does something to its input before it begins.

import { followerReplicaMachine, leaderReplicaMachine } from '@odradek/replication';

type FollowerInput = NonNullable<Parameters<typeof followerReplicaMachine.getInitialSnapshot>[1]>;
type LeaderInput = NonNullable<Parameters<typeof leaderReplicaMachine.getInitialSnapshot>[1]>;

/** A follower whose log is changed before its role begins. */
export function beforeFollowing(act: (input: FollowerInput) => void): typeof followerReplicaMachine {
  const machine = followerReplicaMachine.provide({});
  const begin = machine.getInitialSnapshot.bind(machine);
  machine.getInitialSnapshot = (scope, input) => {
    if (input !== undefined) act(input);
    return begin(scope, input);
  };
  return machine;
}

/** A leader that begins with something else than it was given. */
export function leadingWith(
  change: (input: LeaderInput) => LeaderInput,
  machine: typeof leaderReplicaMachine = leaderReplicaMachine.provide({}),
): typeof leaderReplicaMachine {
  const begin = machine.getInitialSnapshot.bind(machine);
  machine.getInitialSnapshot = (scope, input) => begin(scope, input === undefined ? input : change(input));
  return machine;
}
