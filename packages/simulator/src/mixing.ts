// Numbers and text stirred into a hash, by integer arithmetic alone: the same on every machine.

/** murmur3's step, by which every bit of what comes in changes half of those that are there. */
export function mixed(hash: number, value: number): number {
  let word = Math.imul(value, 0xcc9e2d51);
  word = (word << 15) | (word >>> 17);
  const next = hash ^ Math.imul(word, 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

export function mixedText(hash: number, text: string): number {
  let next = mixed(hash, text.length);
  for (let at = 0; at < text.length; at++) next = mixed(next, text.charCodeAt(at));
  return next;
}
