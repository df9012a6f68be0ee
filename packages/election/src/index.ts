// Elections: of the metadata quorum's leader, and of partitions' leaders.

export { createQuorum } from './create-quorum.ts';
export {
  LocalNetwork,
  type MemberInMemory,
  memberInMemory,
  memoryQuorumStorage,
  quorumHandler,
} from './in-process.ts';
export * from './partition-leader.ts';
export { quorumMachine } from './quorum.machine.ts';
export * from './quorum.ts';
export * from './quorum-arithmetic.ts';
export { decodeVoteState, encodeVoteState, voteStateFile } from './vote-state-file.ts';
