// The metadata of the cluster: its records, and the image they make.

export * from './image.ts';
export * from './image-records.ts';
export * from './losses.ts';
export * from './metadata-version.ts';
export * from './partition-change.ts';
export * from './record-codec.ts';
export { type RecordDefinition, recordDefinitions } from './record-definitions.ts';
export * from './records.ts';
export * from './replay.ts';
