// The bytes of batches, as they are written.

import type { BatchView } from '@odradek/format';

/** Batches that follow each other in memory, as those of one answer do, are one piece: the system is given fewer. */
export function piecesOf(run: readonly BatchView[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const batch of run) {
    const bytes = bytesOf(batch);
    const last = pieces.at(-1);
    if (last?.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset)
      pieces[pieces.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + bytes.length);
    else pieces.push(bytes);
  }
  return pieces;
}

/** Of one batch; mostly it came alone. */
export function bytesOf({ bytes, position, sizeInBytes }: BatchView): Uint8Array {
  if (position === 0 && sizeInBytes === bytes.length) return bytes;
  return bytes.subarray(position, position + sizeInBytes);
}
