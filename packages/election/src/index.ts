// Elections: of the metadata quorum's leader, and of partitions' leaders.

export * from './partition-leader.ts';
export * from './quorum.ts';
export * from './quorum-arithmetic.ts';
