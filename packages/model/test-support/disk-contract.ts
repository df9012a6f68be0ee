// What every Disk must do, as a suite that each adapter's tests run: the memory disk, Node's files. It takes the test runner's
// functions, so that no room depends on one.

import { type Disk, DiskError, type DiskReadDone } from '../src/ports.ts';

/** The part of a test runner that the suite uses; vitest's `{ describe, it, expect }` fits. */
export interface TestFunctions {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => void | Promise<void>): void;
  expect(actual: unknown): {
    toBe(expected: unknown): void;
    toEqual(expected: unknown): void;
    toBeUndefined(): void;
  };
}

/** A disk whose directory is empty. `pump` lets completions happen, where they do not by themselves. */
export interface DiskUnderTest {
  readonly disk: Disk;
  readonly pump?: () => void;
  readonly dispose?: () => void;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** The suite. `make` gives a fresh disk for each test. */
export function diskContract(name: string, functions: TestFunctions, make: () => DiskUnderTest): void {
  const { describe, it, expect } = functions;
  const test = (title: string, body: (made: Actor) => void | Promise<void>): void => {
    it(title, async () => {
      const made = make();
      try {
        await body(new Actor(made));
      } finally {
        made.dispose?.();
      }
    });
  };
  describe(`disk contract: ${name}`, () => {
    fileTests(test, expect);
    nameTests(test, expect);
    completionTests(test, expect);
  });
}

type Test = (title: string, body: (made: Actor) => void | Promise<void>) => void;
type Expect = TestFunctions['expect'];

/** Waits for completions, and insists that none comes before its order has returned, or twice. */
class Actor {
  readonly disk: Disk;
  readonly #pump: () => void;

  constructor(made: DiskUnderTest) {
    this.disk = made.disk;
    this.#pump = made.pump ?? (() => {});
  }

  finished<T>(order: (done: (result: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      let hasReturned = false;
      let answers = 0;
      order((result) => {
        answers++;
        if (!hasReturned) reject(new Error('a completion came before its order had returned'));
        if (answers > 1) reject(new Error('a completion came twice'));
        resolve(result);
      });
      hasReturned = true;
      this.#pump();
    });
  }

  code(action: () => void): string | undefined {
    try {
      action();
      return undefined;
    } catch (error) {
      if (error instanceof DiskError) return error.code;
      throw error;
    }
  }
}

function fileTests(test: Test, expect: Expect): void {
  test('appends pieces in order, and reads them at any position', ({ disk }) => {
    const file = disk.open('log', { create: true });
    file.append([bytes(1, 2), bytes(), bytes(3)]);
    file.append([bytes(4)]);
    expect(file.size).toBe(4);
    const target = new Uint8Array(3);
    expect(file.read(2, target)).toBe(2);
    expect([...target]).toEqual([3, 4, 0]);
    expect(file.read(4, target)).toBe(0);
    file.close();
    expect([...(disk.readFile('log') ?? [])]).toEqual([1, 2, 3, 4]);
  });

  test('tells the size of a file without opening it', ({ disk }) => {
    disk.makeDirectory('a');
    const file = disk.open('a/log', { create: true });
    file.append([bytes(1, 2, 3)]);
    expect(disk.sizeOf('a/log')).toBe(3);
    file.append([bytes(4)]);
    expect(disk.sizeOf('a/log')).toBe(4);
    file.close();
    expect([disk.sizeOf('a/log'), disk.sizeOf('a'), disk.sizeOf('a/b'), disk.sizeOf('b/log')]).toEqual([
      4,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('overwrites within a file', ({ disk }) => {
    const file = disk.open('index', { create: true });
    file.append([bytes(1, 2, 3, 4)]);
    file.write(1, bytes(8, 9));
    file.append([bytes(5)]);
    file.close();
    expect([...(disk.readFile('index') ?? [])]).toEqual([1, 8, 9, 4, 5]);
  });

  test('truncates, and appends at the new end', ({ disk }) => {
    const file = disk.open('log', { create: true });
    file.append([bytes(1, 2, 3, 4)]);
    file.truncate(1);
    expect(file.size).toBe(1);
    file.append([bytes(7)]);
    file.close();
    expect([...(disk.readFile('log') ?? [])]).toEqual([1, 7]);
  });

  test('opens what is there with its size and path', ({ disk }) => {
    disk.writeFile('there', text('abc'));
    const file = disk.open('there', { create: true });
    expect(file.size).toBe(3);
    expect(file.path).toBe('there');
    file.close();
  });

  test('names the code and the path of a failure', (actor) => {
    expect(actor.code(() => actor.disk.open('missing', { create: false }))).toBe('ENOENT');
    expect(actor.code(() => actor.disk.writeFile('no/such/directory', bytes(1)))).toBe('ENOENT');
    expect(actor.code(() => actor.disk.rename('missing', 'other'))).toBe('ENOENT');
  });
}

function nameTests(test: Test, expect: Expect): void {
  test('lists names in order; a directory that is not there has none', ({ disk }) => {
    disk.makeDirectory('b/inner');
    disk.writeFile('b/z', text('1'));
    disk.writeFile('b/a', text('2'));
    disk.writeFile('c', text('3'));
    expect(disk.list('')).toEqual(['b', 'c']);
    expect(disk.list('b')).toEqual(['a', 'inner', 'z']);
    expect(disk.list('missing')).toEqual([]);
  });

  test('makes a directory that is there without complaint', ({ disk }) => {
    disk.makeDirectory('a');
    disk.makeDirectory('a');
    expect(disk.exists('a')).toBe(true);
  });

  test('reads whole files; one that is not there is undefined', ({ disk }) => {
    expect(disk.readFile('missing')).toBeUndefined();
    disk.writeFile('empty', bytes());
    expect(disk.readFile('empty')?.length).toBe(0);
    disk.writeFile('empty', text('full'));
    expect(new TextDecoder().decode(disk.readFile('empty'))).toBe('full');
  });

  test('renames over what is there', ({ disk }) => {
    disk.writeFile('old', text('old'));
    disk.writeFile('new', text('new'));
    disk.rename('new', 'old');
    expect(disk.list('')).toEqual(['old']);
    expect(new TextDecoder().decode(disk.readFile('old'))).toBe('new');
  });

  test('renames a directory with all in it', ({ disk }) => {
    disk.makeDirectory('a');
    disk.writeFile('a/file', text('x'));
    disk.rename('a', 'b');
    expect(disk.exists('a')).toBe(false);
    expect(disk.list('b')).toEqual(['file']);
  });

  test('removes files, and directories with all in them; removing nothing is nothing', ({ disk }) => {
    disk.makeDirectory('a/b');
    disk.writeFile('a/b/file', text('x'));
    disk.writeFile('ab', text('x'));
    disk.remove('a');
    disk.remove('missing');
    expect(disk.list('')).toEqual(['ab']);
    disk.remove('ab');
    expect(disk.exists('ab')).toBe(false);
  });
}

function completionTests(test: Test, expect: Expect): void {
  test('reads later, at most to the end of the file', async (actor) => {
    const file = actor.disk.open('log', { create: true });
    file.append([bytes(1, 2, 3)]);
    const read = (position: number, length: number) =>
      actor.finished<Parameters<DiskReadDone>[0]>((done) => file.readLater(position, length, done));
    expect([...((await read(1, 10)) as Uint8Array)]).toEqual([2, 3]);
    expect([...((await read(0, 1)) as Uint8Array)]).toEqual([1]);
    expect([...((await read(3, 5)) as Uint8Array)]).toEqual([]);
    file.close();
  });

  test('syncs files and directories', async (actor) => {
    actor.disk.makeDirectory('a');
    const file = actor.disk.open('a/log', { create: true });
    file.append([bytes(1)]);
    expect(await actor.finished((done) => file.sync(done))).toBeUndefined();
    expect(await actor.finished((done) => actor.disk.syncDirectory('a', done))).toBeUndefined();
    file.close();
  });

  test('replaces a file whole, and leaves no other name behind', async (actor) => {
    actor.disk.makeDirectory('a');
    actor.disk.writeFile('a/state', text('before'));
    const finished = actor.finished((done) => actor.disk.replaceFile('a/state', text('after'), done));
    expect(await finished).toBeUndefined();
    expect(new TextDecoder().decode(actor.disk.readFile('a/state'))).toBe('after');
    expect(actor.disk.list('a')).toEqual(['state']);
  });

  test('removes later what is removed, files and directories with all in them; removing nothing is nothing', async (actor) => {
    actor.disk.makeDirectory('a/b');
    actor.disk.writeFile('a/b/file', text('x'));
    actor.disk.writeFile('a/file', text('x'));
    actor.disk.writeFile('ab', text('x'));
    for (const path of ['a', 'missing', 'a', 'ab']) {
      expect(await actor.finished((done) => actor.disk.removeLater(path, done))).toBeUndefined();
      expect(actor.disk.exists(path)).toBe(false);
    }
    expect(actor.disk.list('')).toEqual([]);
  });

  test('of two replacements of a file the later order stays', async (actor) => {
    const first = actor.finished((done) => actor.disk.replaceFile('state', text('1'), done));
    const second = actor.finished((done) => actor.disk.replaceFile('state', text('2'), done));
    await Promise.all([first, second]);
    expect(new TextDecoder().decode(actor.disk.readFile('state'))).toBe('2');
  });
}
