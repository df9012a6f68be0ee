// Producer, consumer and admin for Node and browsers.

export { clientOver, createClient } from './client.ts';
export type { Connect, Connection, Reply } from './connection/connection.ts';
export { type ErrorCode, LogTruncated, OdradekError, type Outcome } from './errors.ts';
export { platformSocket } from './platform.ts';
export type * from './types.ts';
