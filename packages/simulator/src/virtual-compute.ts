// The compute port of a simulated node: checksums, and nothing that virtual links and uncompressed batches do not need.

import { crc32c } from '@odradek/format';
import type { Compute } from '@odradek/model';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualProcess } from './virtual-process.ts';

export function virtualCompute(time: VirtualTime, process: VirtualProcess): Compute {
  const later = (callback: () => void): void => {
    time.after(0, () => process.run(callback));
  };
  return {
    crc32c,
    hmacSha256: () => {
      throw new Error('No HMAC in the simulator: its links prove who speaks without one');
    },
    inflate: (codec, bytes, maxBytes, done) => {
      later(() => {
        if (codec !== 'none') done({ error: 'UNSUPPORTED' });
        else done(bytes.length > maxBytes ? { error: 'TOO_LARGE' } : bytes);
      });
    },
    deflate: (codec, bytes, done) => {
      if (codec !== 'none') throw new Error(`No ${codec} in the simulator: it compresses nothing`);
      later(() => done(bytes));
    },
  };
}
