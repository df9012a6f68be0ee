// Broker, partition and controller as actors, composed into a node.

export { type BrokerContext, type BrokerEvent, brokerMachine } from './broker/broker.machine.ts';
export type { BrokerHost, LogsRecovered } from './broker/broker-host.ts';
