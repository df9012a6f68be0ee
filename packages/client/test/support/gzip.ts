import { gunzipSync, gzipSync } from 'node:zlib';
import type { Compute } from '@odradek/model';

/** Done in the next turn, and so before virtual time goes on: on a busy machine a real thread takes any time. */
export const gzip: Pick<Compute, 'deflate' | 'inflate'> = {
  deflate: (_, bytes, done) => setImmediate(() => done(new Uint8Array(gzipSync(bytes)))),
  inflate: (codec, bytes, _, done) =>
    setImmediate(() => done(codec === 'gzip' ? new Uint8Array(gunzipSync(bytes)) : { error: 'UNSUPPORTED' })),
};
