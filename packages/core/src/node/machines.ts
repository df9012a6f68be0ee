// The machines of which a node is made. Whoever composes one may hand in others in their place, as doors are handed in: a machine
// with a guard of its own (`machine.provide`), to see what that guard is good for.

import { quorumMachine } from '@odradek/election';
import { followerReplicaMachine, leaderReplicaMachine } from '@odradek/replication';
import { logMachine } from '@odradek/storage';
import { brokerMachine } from '../broker/broker.machine.ts';
import { controllerMachine } from '../controller/controller.machine.ts';
import { partitionMachine } from '../partition/partition.machine.ts';

/** The machines that ship, by the actor that runs each. */
export const nodeMachines = {
  broker: brokerMachine,
  controller: controllerMachine,
  quorum: quorumMachine,
  partition: partitionMachine,
  leaderReplica: leaderReplicaMachine,
  followerReplica: followerReplicaMachine,
  log: logMachine,
} as const;

export type NodeMachines = typeof nodeMachines;
