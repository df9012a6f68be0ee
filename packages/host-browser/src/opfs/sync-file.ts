// The part of the browser's file system that the disk stands on, and what its failures are called here.

import { DiskError } from '@odradek/model';

/** A directory of the browser's own file system, as `navigator.storage.getDirectory()` gives one. */
export interface OpfsDirectory {
  keys(): AsyncIterable<string>;
  getFileHandle(name: string, options: { readonly create: boolean }): Promise<object>;
}

/** A `FileSystemSyncAccessHandle`: nobody else has the file open while it is. */
export interface SyncFile {
  read(target: Uint8Array, options: { readonly at: number }): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  /** What was written survives the loss of power. */
  flush(): void;
  close(): void;
}

/** Opens a file of the directory; throws a {@link DiskError}: EBUSY when another tab or worker has it open. */
export async function openSyncFile(directory: OpfsDirectory, name: string): Promise<SyncFile> {
  try {
    const handle = await directory.getFileHandle(name, { create: true });
    if (!isSyncable(handle))
      throw new Error('files are opened for synchronous access in dedicated workers only');
    return await handle.createSyncAccessHandle();
  } catch (error) {
    throw isNamed(error) ? diskError(error, 'open', name) : error;
  }
}

function isSyncable(handle: object): handle is { createSyncAccessHandle(): Promise<SyncFile> } {
  return 'createSyncAccessHandle' in handle;
}

/** Does something to a file, whose failure is told as the port tells it. */
export function ordered<T>(operation: string, path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isNamed(error) ? diskError(error, operation, path) : error;
  }
}

const codes: Readonly<Record<string, string>> = {
  QuotaExceededError: 'ENOSPC',
  NoModificationAllowedError: 'EBUSY',
  NotFoundError: 'ENOENT',
  InvalidStateError: 'EBADF',
};

export function diskError({ name }: { readonly name: string }, operation: string, path: string): DiskError {
  return new DiskError(codes[name] ?? 'EIO', operation, path);
}

/** A failure of the browser, and no mistake of ours. */
function isNamed(error: unknown): error is { readonly name: string } {
  return error instanceof DOMException || (error instanceof Error && error.name in codes);
}

/** Writes all of it: one call may take less. */
export function writeAll(file: SyncFile, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const taken = file.write(done === 0 ? bytes : bytes.subarray(done), { at: position + done });
    if (taken <= 0) throw new DOMException('nothing more was written', 'QuotaExceededError');
    done += taken;
  }
}

/** The first bytes of a file from a position on: fewer where it ends. */
export function readAt(file: SyncFile, position: number, target: Uint8Array): number {
  return target.length === 0 ? 0 : file.read(target, { at: position });
}
