// The ports in a browser, in a page or in a worker of it. A tab dials and is never dialled; its disk is the browser's own file system, or the
// memory disk of `@odradek/storage`.

export { browserClock } from './clock.ts';
export { browserCompute } from './compute.ts';
export { browserDial, browserSocketAt } from './dial.ts';
export { type OpfsDisk, type OpfsDiskOptions, openOpfsDisk } from './opfs/opfs-disk.ts';
export type { OpfsDirectory } from './opfs/sync-file.ts';
export { browserRandom } from './random.ts';
export { hmacSha256, sha256 } from './sha256.ts';
