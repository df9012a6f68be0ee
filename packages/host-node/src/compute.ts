// Work that Node does better than JavaScript: checksums in native code, HMAC, and compression in the thread pool.

import { createHmac } from 'node:crypto';
import * as zlib from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import { joinedBytes } from '@odradek/format';
import { type CompressionCodec, type Compute, type InflateDone, inflateInSlices } from '@odradek/model';

/** A codec that Node has. Snappy and lz4 are read in JavaScript, and not written. */
interface NodeCodec {
  inflating(): zlib.Gunzip | zlib.ZstdDecompress;
  deflate(bytes: Uint8Array, done: (error: Error | null, result: Uint8Array) => void): void;
}

/** 8 MiB, what zstd asks every decoder to allow: a frame that wants more memory is refused (X5). */
const zstdWindowLog = 23;

const codecs: Readonly<Record<'gzip' | 'zstd', NodeCodec>> = {
  gzip: {
    inflating: () => zlib.createGunzip(),
    deflate: (bytes, done) => zlib.gzip(bytes, done),
  },
  zstd: {
    inflating: () =>
      zlib.createZstdDecompress({
        params: { [zlib.constants.ZSTD_d_windowLogMax]: zstdWindowLog },
      }),
    deflate: (bytes, done) => zlib.zstdCompress(bytes, done),
  },
};

export const nodeCompute: Compute = {
  crc32c: (bytes, start, end) => crc32c(bytes.subarray(start, end)) >>> 0,
  hmacSha256: (key, message) => new Uint8Array(createHmac('sha256', key).update(message).digest()),
  inflate,
  deflate(codec, bytes, done) {
    if (codec === 'none') {
      setImmediate(done, bytes);
      return;
    }
    if (codec === 'snappy' || codec === 'lz4')
      throw new Error(`${codec} is read here, but not written; gzip, zstd and none are`);
    codecs[codec].deflate(bytes, (error, result) => {
      // Compression fails for want of memory only: nobody can go on then.
      if (error !== null) throw error;
      done(result);
    });
  },
};

function inflate(codec: CompressionCodec, bytes: Uint8Array, maxBytes: number, done: InflateDone): void {
  if (codec === 'none') {
    setImmediate(done, bytes.length > maxBytes ? { error: 'TOO_LARGE' } : bytes);
    return;
  }
  const whenEnded: InflateDone = (result) => ended(result, done);
  waiting.push(() => {
    if (codec === 'snappy' || codec === 'lz4')
      inflateInSlices(codec, bytes, maxBytes, setImmediate, whenEnded);
    else inflateStreaming(codecs[codec].inflating(), bytes, maxBytes, whenEnded);
  });
  begin();
}

/** X5: what bombs may cost together; the thread pool has no more hands anyway. */
const AT_ONCE = 4;
const waiting: (() => void)[] = [];
let inflating = 0;

function begin(): void {
  while (inflating < AT_ONCE) {
    const next = waiting.shift();
    if (next === undefined) return;
    inflating += 1;
    next();
  }
}

function ended(result: Parameters<InflateDone>[0], done: InflateDone): void {
  inflating -= 1;
  // What comes next has the memory of this one only once that was looked at.
  try {
    done(result);
  } finally {
    begin();
  }
}

/** Counts while streaming, so that a bomb costs one chunk above the cap and no more (X5). */
function inflateStreaming(
  stream: zlib.Gunzip | zlib.ZstdDecompress,
  bytes: Uint8Array,
  maxBytes: number,
  done: InflateDone,
): void {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isOver = false;
  const finish: InflateDone = (result) => {
    if (isOver) return;
    isOver = true;
    stream.destroy();
    done(result);
  };
  stream.on('data', (chunk: Uint8Array) => {
    size += chunk.length;
    if (size > maxBytes) finish({ error: 'TOO_LARGE' });
    else chunks.push(chunk);
  });
  stream.on('error', () => finish({ error: 'CORRUPT' }));
  stream.on('end', () =>
    finish(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : joinedBytes(chunks)),
  );
  stream.end(bytes);
}
