// The program of a worker that holds the disk of `@odradek/host-browser` against the contract of all disks, in the browser's own files.

import { type OpfsDisk, openOpfsDisk } from '@odradek/host-browser';
import { diskContract } from '@odradek/model/disk-contract';

export interface ContractResult {
  readonly title: string;
  /** Undefined: it holds. */
  readonly problem: string | undefined;
}

const tests: { readonly title: string; readonly body: () => void | Promise<void> }[] = [];
const root = await navigator.storage.getDirectory();
let disk: OpfsDisk | undefined;

function same(actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${is} is not ${should}`);
}

diskContract(
  'OPFS',
  {
    describe: (_name, body) => body(),
    it: (title, body) => void tests.push({ title, body }),
    expect: (actual) => ({
      toBe: (expected) => same(actual, expected),
      toEqual: (expected) => same(actual, expected),
      toBeUndefined: () => same(actual, undefined),
    }),
  },
  () => {
    if (disk === undefined) throw new Error('a disk is opened before each test');
    return { disk, dispose: () => disk?.close() };
  },
);

const results: ContractResult[] = [];
for (const [index, { title, body }] of tests.entries()) {
  disk = await openOpfsDisk(await root.getDirectoryHandle(`contract-${index}`, { create: true }), {
    spareFiles: 8,
  });
  try {
    await body();
    results.push({ title, problem: undefined });
  } catch (error) {
    results.push({ title, problem: String(error) });
  }
}
self.postMessage(results);
