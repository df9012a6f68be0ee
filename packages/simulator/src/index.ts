// Whole clusters in one thread on virtual time.

export { carryAnswer, carryRequest } from './envelope-trip.ts';
export type { Hold, MessageMatch, MessageUnderWay } from './network-faults.ts';
export { NetworkPort } from './network-port.ts';
export { SeededRandom } from './seeded-random.ts';
export { TraceHash } from './trace-hash.ts';
export { type ClockSkew, VirtualClock, VirtualTime } from './virtual-clock.ts';
export { calmNetwork, type NetworkBehaviour, VirtualNetwork } from './virtual-network.ts';
export { VirtualProcess } from './virtual-process.ts';
