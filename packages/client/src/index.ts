// Producer, consumer and admin for Node and browsers.

export * from './errors.ts';
export type * from './types.ts';
