// The states that were seen: sixty-four bits of each, in flat arrays, since there are millions. Two states with the same bits would be
// taken for one: with ten million states the chance of a single such pair is about three in a million.

const LOAD = 0.6;

/** A set of sixty-four bit fingerprints. */
export class StateSet {
  private high: Int32Array;
  private low: Int32Array;
  private used: Uint8Array;
  private mask: number;
  size = 0;

  constructor(initialBits = 16) {
    this.mask = 2 ** initialBits - 1;
    this.high = new Int32Array(this.mask + 1);
    this.low = new Int32Array(this.mask + 1);
    this.used = new Uint8Array(this.mask + 1);
  }

  /** Whether these numbers were not there yet; they are now. */
  add(numbers: readonly number[]): boolean {
    const high = hashOf(numbers, 0x9747b28c);
    const low = hashOf(numbers, 0x3c6ef372);
    if (this.size > LOAD * this.mask) this.grow();
    return this.put(high, low);
  }

  private put(high: number, low: number): boolean {
    let place = low & this.mask;
    while (this.used[place] === 1) {
      if (this.low[place] === low && this.high[place] === high) return false;
      place = (place + 1) & this.mask;
    }
    this.used[place] = 1;
    this.low[place] = low;
    this.high[place] = high;
    this.size += 1;
    return true;
  }

  private grow(): void {
    const { high, low, used } = this;
    this.mask = this.mask * 2 + 1;
    this.high = new Int32Array(this.mask + 1);
    this.low = new Int32Array(this.mask + 1);
    this.used = new Uint8Array(this.mask + 1);
    this.size = 0;
    for (let place = 0; place < used.length; place++)
      if (used[place] === 1) this.put(high[place] ?? 0, low[place] ?? 0);
  }
}

/** murmur3's 32 bits over whole numbers. */
function hashOf(numbers: readonly number[], seed: number): number {
  let hash = seed;
  for (const number of numbers) {
    let word = Math.imul(number, 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= numbers.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
