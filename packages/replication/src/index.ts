// Replication of a partition: the leader's and the follower's role as state machines, and the fetches between them.

export type * from './faces.ts';
export { Fetcher, type FetcherOptions, type FetcherSettings } from './fetcher.ts';
export { followerAnswer, notLeaderAnswer } from './follower-answer.ts';
export type { AnsweredFetch, AwaitedReport, FollowerContext } from './follower-context.ts';
export { type FollowerEvent, followerReplicaMachine } from './follower-replica.machine.ts';
export { type FollowerReplicaActor, followerReplicaOf, startFollowerReplica } from './follower-replica.ts';
export type * from './hosts.ts';
export { LagWatch, type LagWatchPorts } from './lag-watch.ts';
export { type LeaderContext, laggards, proposed } from './leader-context.ts';
export { type LeaderEvent, leaderReplicaMachine } from './leader-replica.machine.ts';
export { type LeaderReplicaActor, leaderReplicaOf, startLeaderReplica } from './leader-replica.ts';
export { ParkedFetches, type ParkedFetchesPorts } from './parked-fetches.ts';
export { effectiveMinInSync, type PartitionRegistration, type ReplicaSettings } from './registration.ts';
export type * from './replica-fetch.ts';
export { hasFetched, type ReplicaProgress } from './replica-progress.ts';
