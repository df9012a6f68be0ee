// The ground that every room stands on: the nouns of the log, the ports through which a node touches the world, and the
// arithmetic that all protocols share.

export * from './actor-timers.ts';
export * from './client-messages.ts';
export * from './configuration/index.ts';
export * from './due-timer.ts';
export * from './epoch-history.ts';
export * from './errors.ts';
export * from './few.ts';
export * from './histogram.ts';
export * from './inflation.ts';
export * from './invariant.ts';
export * from './memory-log.ts';
export * from './metadata/index.ts';
export * from './nouns.ts';
export * from './peer-messages.ts';
export * from './ports.ts';
export * from './replicated-log.ts';
export * from './schema.ts';
