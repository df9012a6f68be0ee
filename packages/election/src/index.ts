// Elections: of the metadata quorum's leader, and of partitions' leaders.

export { createQuorum } from './create-quorum.ts';
export * from './epoch-horizon.ts';
export {
  LocalNetwork,
  type MemberInMemory,
  memberInMemory,
  memoryQuorumStorage,
  quorumHandler,
} from './in-process.ts';
export { type FetchPosition, fetchPosition, logEndAt } from './metadata-fetch.ts';
export * from './partition-leader.ts';
export { quorumMachine } from './quorum.machine.ts';
export * from './quorum.ts';
export * from './quorum-arithmetic.ts';
export type { QuorumContext } from './quorum-context.ts';
export type { FetchRequested, QuorumEvent, RequestEvent } from './quorum-events.ts';
export type { BallotQuestion, QuorumHost } from './quorum-host.ts';
export { decodeVoteState, encodeVoteState, voteStateFile } from './vote-state-file.ts';
