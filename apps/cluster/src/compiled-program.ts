// Runs a program of one file with what V8 compiled of it in an earlier run. Node's own cache of compiled modules is made as a module is
// loaded, when V8 has compiled little more than its outermost lines: every function that runs was compiled anew in each process. What is kept here
// is made when the program has run for a while, and holds what a start needs: a third of what a broker's start costs its processor.

import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** A program that has been loaded. */
export interface CompiledProgram {
  readonly exports: unknown;
  /**
   * Keeps what V8 has compiled by now, unless it came from there. V8 takes it back in a process with the same flags alone: it must be asked before any
   * is changed.
   */
  keep(): void;
}

type Body = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: unknown },
  file: string,
  directory: string,
) => void;

/** Two checksums, of the program and of what was compiled of it: V8 looks at neither. */
const HEAD_BYTES = 8;

/**
 * Loads a program that `tools/bundle.ts` has made: one function, in plain ASCII, which V8 stores and scans as bytes. It may ask for Node's modules and
 * for packages.
 */
export function loadCompiled(file: string, environment: NodeJS.ProcessEnv): CompiledProgram {
  const source = readFileSync(file);
  const sum = crc32(source);
  const kept = placeOf(file, environment);
  const cachedData = kept === undefined ? undefined : readKept(kept, sum);
  const script = new Script(source.toString('latin1'), { filename: file, cachedData });
  if (kept !== undefined && script.cachedDataRejected === true) remove(kept);
  const body: Body = script.runInThisContext();
  const module = { exports: {} };
  body(module.exports, createRequire(file), module, file, dirname(file));
  let isKept = kept === undefined || (cachedData !== undefined && script.cachedDataRejected === false);
  return {
    exports: module.exports,
    keep() {
      if (!isKept && kept !== undefined) write(kept, sum, script.createCachedData());
      isKept = true;
    },
  };
}

/** Beside Node's own, as `bin/odradek.js` says; a name for each V8, since one does not take what another has made. */
function placeOf(file: string, environment: NodeJS.ProcessEnv): string | undefined {
  const { NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE } = environment;
  if (NODE_DISABLE_COMPILE_CACHE === '1') return undefined;
  const directory = NODE_COMPILE_CACHE || join(dirname(file), '.compiled');
  return join(directory, `${basename(file)}.${cachedDataVersionTag().toString(16)}`);
}

/** Undefined: there is nothing, it is of another program, or not whole. */
function readKept(path: string, sum: number): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    // Whatever the reason is, the program runs without.
    return undefined;
  }
  if (bytes.length < HEAD_BYTES || bytes.readUInt32LE(0) !== sum) return undefined;
  const compiled = bytes.subarray(HEAD_BYTES);
  return bytes.readUInt32LE(4) === crc32(compiled) ? compiled : undefined;
}

/** V8 had no use for it, as when flags were changed before it was made: what is made now must not be measured by it. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where nothing can be removed nothing can be kept either.
  }
}

/** Of several processes of one first start the one that has compiled most is of most use to the next: the controller's, which leads too. */
function write(path: string, sum: number, compiled: Buffer): void {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(sum, 0);
  head.writeUInt32LE(crc32(compiled), 4);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    if (readKept(path, sum) !== undefined && statSync(path).size >= HEAD_BYTES + compiled.length) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, Buffer.concat([head, compiled]));
    renameSync(temporary, path);
  } catch {
    // Where nothing can be written, each start compiles for itself.
  }
}
