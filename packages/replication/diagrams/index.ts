// Made by `npm run diagrams`: the drawings of this package’s machines, as `readDrawings` of @odradek/trace takes them.

import followerReplica from './follower-replica.json' with { type: 'json' };
import leaderReplica from './leader-replica.json' with { type: 'json' };

export const diagrams: readonly unknown[] = [followerReplica, leaderReplica];
