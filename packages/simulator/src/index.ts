// Whole clusters in one thread on virtual time.

export { AnswerWatch, type AnswerWatchOptions } from './answer-watch.ts';
export { ClientDoors, type ClientReply, type Door } from './client-doors.ts';
export {
  ClientHistory,
  type DeclaredLoss,
  type Given,
  type PartitionName,
  type Sent,
  type Violation,
} from './client-history.ts';
export { ClusterClients, type Writer } from './cluster-clients.ts';
export { ClusterOracle, type Told } from './cluster-oracle.ts';
export { type ClusterRunOptions, type ClusterRunResult, runCluster } from './cluster-run.ts';
export { ClusterWorld, type ClusterWorldOptions } from './cluster-world.ts';
export { addCoverage, Coverage, type CoverageCounts, neverMet } from './coverage.ts';
export { type DiskDelay, DiskPace } from './disk-pace.ts';
export { EnvelopeTrip } from './envelope-trip.ts';
export type { Counterexample, Exploration, Progress } from './explore/explorer.ts';
export {
  type ExplorationName,
  explorations,
  exploreByName,
  formatCounterexample,
  hunts,
  type NamedBounds,
  replayCounterexample,
} from './explore/runs.ts';
export { type FaultKind, faultKinds, isFaultKind } from './fault-kinds.ts';
export { AppendGhost, batchesOf, type GhostBatch, GhostLog } from './ghost-log.ts';
export { Attacker, type AttackerOptions, type Blow } from './hostile/attacker.ts';
export type { HostileDoor, Known } from './hostile/true-frames.ts';
export { ImageOracle } from './image-oracle.ts';
export { MessageRate } from './message-rate.ts';
export { messageMatch } from './message-words.ts';
export type { Mutant } from './mutant.ts';
export { type GuardMutant, guardMutants, type Weakening } from './mutants/guard-mutants.ts';
export { mutants } from './mutants/mutants.ts';
export type { HeldMessage, Hold, MessageMatch, MessageUnderWay } from './network-faults.ts';
export { NetworkPort } from './network-port.ts';
export type { LivingNode } from './node-view.ts';
export { PacedPlay, type PacedTarget } from './paced-play.ts';
export {
  type AcknowledgedBatch,
  type LedgerLoss,
  PartitionOracle,
  type PartitionSeen,
  type ReplicaSeen,
} from './partition-oracle.ts';
export { beginSchedule, type PlayOptions, type PlayResult, playSchedule, worldOf } from './play-schedule.ts';
export { ProducerOracle } from './producer-oracle.ts';
export { type GrantedVote, type QuorumMember, QuorumOracle } from './quorum-oracle.ts';
export { type QuorumRunOptions, type QuorumRunResult, runQuorum } from './quorum-run.ts';
export { type QuorumNode, QuorumWatch, watchVotes } from './quorum-watch.ts';
export { type Change, QuorumWorld, type QuorumWorldOptions } from './quorum-world.ts';
export { type FaultyNode, nextFault } from './random-faults.ts';
export { checkStatement, defaultCapMs, play, ScheduleError, type ScheduleTarget } from './schedule.ts';
export {
  formatScheduleFile,
  parseScheduleFile,
  type ScheduleFile,
  type Statement,
  type WorldHeader,
} from './schedule-file.ts';
export { SeededRandom } from './seeded-random.ts';
export { type ShrinkOptions, type Shrunk, shrinkSchedule } from './shrink-schedule.ts';
export { SimulatedConsumer } from './simulated-consumer.ts';
export { type Acks, SimulatedProducer } from './simulated-producer.ts';
export {
  createSimulation,
  Simulation,
  type SimulationOptions,
  type SimulationReport,
  SimulationViolation,
  simulate,
} from './simulation.ts';
export type { Telling, TellingOptions } from './telling.ts';
export { TraceHash } from './trace-hash.ts';
export { uncheckedRules } from './unchecked.ts';
export { type ClockSkew, VirtualClock, VirtualTime } from './virtual-clock.ts';
export { virtualCompute } from './virtual-compute.ts';
export { calmNetwork, type NetworkBehaviour, VirtualNetwork } from './virtual-network.ts';
export { VirtualProcess } from './virtual-process.ts';
export {
  type NodeLife,
  type PowerLoss,
  SimulationFailure,
  World,
  type WorldNode,
  type WorldOptions,
} from './world.ts';
