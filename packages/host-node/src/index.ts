// The ports on Node: files, timers, chance, checksums, sockets; and what belongs to a node's directory.

export { nodeClock } from './clock.ts';
export { nodeCompute } from './compute.ts';
export { type DirectoryLock, lockDirectory } from './directory-lock.ts';
export { createNodeDisk } from './disk.ts';
export { HostError } from './host-error.ts';
export type { HttpPolicy } from './http-checks.ts';
export { type ListenerDoors, refuseUpgrade } from './listener.ts';
export {
  META_NAME,
  type MetaProperties,
  readMetaProperties,
  writeMetaProperties,
} from './meta-properties.ts';
export { type NodePorts, type NodePortsOptions, nodePorts } from './node-ports.ts';
export { nodeRandom } from './random.ts';
export { copySecretFile, createSecretFile, readSecretFile } from './secret-file.ts';
export { createDial } from './web-socket.ts';
