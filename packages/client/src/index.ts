// Producer, consumer and admin for Node and browsers.

export { clientOver, createClient } from './client.ts';
export { metadataMachine } from './cluster/metadata.machine.ts';
export type { Connect, Connection, Reply } from './connection/connection.ts';
export { consumerMachine } from './consumer/consumer.machine.ts';
export { positionMachine } from './consumer/position.machine.ts';
export { type ErrorCode, LogTruncated, OdradekError, type Outcome, TopicRecreated } from './errors.ts';
export { platformSocket } from './platform.ts';
export { deliveryMachine } from './producer/delivery.machine.ts';
export { producerMachine } from './producer/producer.machine.ts';
export { hexText, type RecordFilter, recordMatches, textIn } from './record-filter.ts';
export type * from './types.ts';
