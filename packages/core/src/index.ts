// Broker, partition and controller as actors, composed into a node.

export { type BrokerContext, type BrokerEvent, brokerMachine } from './broker/broker.machine.ts';
export type { BrokerHost, LogsRecovered } from './broker/broker-host.ts';
export {
  type ControllerContext,
  type ControllerEvent,
  type ControllerInput,
  controllerMachine,
} from './controller/controller.machine.ts';
export { ControllerDesk, type DeskOptions } from './controller/controller-desk.ts';
export type { ControllerHost, LogEndsTold, ToldLogEnd } from './controller/controller-host.ts';
export { type Decision, decide, type Facts, fence, type Liveness, Plan } from './controller/decisions.ts';
export { type ControllerApi, isControllerRequest, type Question } from './controller/questions.ts';
export type { NodeCounters, NodeMeasures } from './measures/node-measures.ts';
export type { RequestCount, RequestCounts } from './measures/request-counts.ts';
export { placeOf } from './node/hosted-partitions.ts';
export type { NodeIdentity } from './node/identity.ts';
export { type NodeMachines, nodeMachines } from './node/machines.ts';
export { readVoters, snapshotOf, votersIn, writeFirstSnapshot } from './node/metadata-snapshot.ts';
export { createNode, type OdradekNode } from './node/node.ts';
export type { About, Door, NodeOptions, Say, StopOptions } from './node/node-options.ts';
export { METADATA_DIRECTORY } from './node/quorum-directory.ts';
export type { HostedPartition, PartitionName } from './partition/hosted-partition.ts';
export { partitionMachine } from './partition/partition.machine.ts';
export type { PartitionHost, PartitionPlace } from './partition/partition-host.ts';
