// Replication of a partition: the leader's and the follower's role as state machines, and the fetches between them.

export type * from './faces.ts';
export type * from './hosts.ts';
export { effectiveMinInSync, type PartitionRegistration, type ReplicaSettings } from './registration.ts';
export type * from './replica-fetch.ts';
