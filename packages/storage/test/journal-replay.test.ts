import { crc32c, textBytes } from '@odradek/format';
import { describe, expect, it } from 'vitest';
import { encodePartitionMetadata } from '../src/checkpoint-files.ts';
import { encodeRecord } from '../src/journal-format.ts';
import { JOURNAL_FILES, type ReplayOrder, replayJournal } from '../src/journal-replay.ts';
import { nothingSurvives } from '../src/survival.ts';
import { diskWithQueue } from './support/queue.ts';

const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ';
const PATH = 'orders-0/00000000000000000000.log';

interface Entry {
  readonly position: number;
  readonly bytes: string;
  readonly baseOffset?: number;
}

/** What a replay makes of a log that has `content`, all of it durable, with these entries in a journal; each a record, in turn in both files. */
function replayed(
  content: string,
  entries: readonly Entry[],
  order: Partial<ReplayOrder> = {},
  ofTopic = topicId,
  heard: string[] = [],
) {
  const { disk, queue } = diskWithQueue({
    fault: (operation, path) => {
      if (path === PATH) heard.push(operation);
      return undefined;
    },
  });
  disk.makeDirectory('orders-0');
  disk.writeFile('orders-0/partition.metadata', encodePartitionMetadata(ofTopic));
  disk.writeFile(PATH, textBytes(content));
  JOURNAL_FILES.forEach((path, index) => {
    const records = entries.flatMap(({ position, bytes, baseOffset = 0 }, sequence) => {
      const entry = { log: 'orders-0', topicId, baseOffset, position, bytes: textBytes(bytes) };
      return sequence % 2 === index ? [...encodeRecord({ sequence, entries: [entry] }, crc32c)] : [];
    });
    disk.writeFile(path, Uint8Array.from(records));
  });
  disk.syncAll();
  const ends: unknown[] = [];
  const begin = (): void =>
    replayJournal({ disk, isClean: false, isSameBoot: false, ...order }, (error) => ends.push(error));
  const text = (): string => new TextDecoder().decode(disk.readFile(PATH));
  const sizes = (): number[] => JOURNAL_FILES.map((path) => disk.readFile(path)?.length ?? 0);
  return { disk, queue, ends, begin, text, sizes };
}

function after(...given: Parameters<typeof replayed>): string {
  const made = replayed(...given);
  made.begin();
  made.queue.run();
  expect([made.ends, made.sizes()]).toEqual([[undefined], [0, 0]]);
  // It is durable, and done once.
  made.disk.losePower(nothingSurvives);
  return made.text();
}

describe('D1: a log after power loss', () => {
  it('gets back what only the journal has, in the order in which it was written', () => {
    expect(
      after('aaaa', [
        { position: 4, bytes: 'bb' },
        { position: 6, bytes: 'ccc' },
      ]),
    ).toBe('aaaabbccc');
    expect(
      after('aaaa\0\0', [
        { position: 4, bytes: 'bb' },
        { position: 6, bytes: 'ccc' },
      ]),
    ).toBe('aaaabbccc');
  });

  it('stays as it is where it has it, with what was synced after it', () => {
    expect(after('aaaabbdddd', [{ position: 4, bytes: 'bb' }])).toBe('aaaabbdddd');
  });

  it('is cut behind what it gets back: what lies there is of another history, or torn', () => {
    expect(after('aaaaxxyy', [{ position: 4, bytes: 'bb' }])).toBe('aaaabb');
  });

  it('D8: does not get what belongs behind bytes that are gone', () => {
    expect(after('aa', [{ position: 4, bytes: 'bb' }])).toBe('aa');
  });

  it('S23: is left alone if it is of another topic, or has no such segment', () => {
    expect(after('aaaaxx', [{ position: 4, bytes: 'bb' }], {}, 'BAAAAAAAAAAAAAAAAAAAAQ')).toBe('aaaaxx');
    expect(after('aaaaxx', [{ position: 4, bytes: 'bb', baseOffset: 7 }])).toBe('aaaaxx');
  });

  it('C9: is left alone after a clean end', () => {
    expect(after('aaaaxx', [{ position: 4, bytes: 'bb' }], { isClean: true })).toBe('aaaaxx');
  });
});

it('D1: after a kill the page cache is right, and becomes durable before the journal is emptied', () => {
  const { disk, queue, begin, text } = replayed('aaaa', [{ position: 4, bytes: 'bb' }], { isSameBoot: true });
  const file = disk.open(PATH, { create: false });
  file.append([textBytes('bbcc')]);
  disk.crash();
  begin();
  queue.run();
  expect(text()).toBe('aaaabbcc');
  disk.losePower(nothingSurvives);
  expect(text()).toBe('aaaabbcc');
});

describe('D3: a log whose own sync had failed, after a kill', () => {
  const failed = { position: 0, bytes: '' };
  const isSameBoot = true;

  it('gets back what the system has forgotten', () => {
    expect(after('aaaa', [{ position: 4, bytes: 'bb' }, failed], { isSameBoot })).toBe('aaaabb');
    expect(after('aaaa', [{ position: 4, bytes: 'bb' }, failed])).toBe('aaaabb');
    expect(after('aaaa', [{ position: 4, bytes: 'bb' }], { isSameBoot })).toBe('aaaa');
  });

  it('is written anew where it seems to have it: the page cache may say so, and the disk not', () => {
    const entries = [{ position: 4, bytes: 'bb' }, failed];
    const heard: string[] = [];
    expect(after('aaaabbdd', entries, { isSameBoot }, topicId, heard)).toBe('aaaabbdd');
    expect(heard).toContain('write');
    heard.length = 0;
    after('aaaabbdd', entries, {}, topicId, heard);
    expect(heard).not.toContain('write');
  });
});

it('D1: the power may fail while it is replayed, as often as it likes', () => {
  const made = replayed('aaaa', [
    { position: 4, bytes: 'bb' },
    { position: 6, bytes: 'cc' },
  ]);
  for (let steps = 0; steps < 6; steps++) {
    made.begin();
    for (let step = 0; step < steps; step++) made.queue.step();
    made.disk.losePower(nothingSurvives);
  }
  made.begin();
  made.queue.run();
  expect(made.text()).toBe('aaaabbcc');
});

it('D3: a log that cannot be synced is no start', () => {
  const { disk, queue } = diskWithQueue({
    fault: (operation) => (operation === 'sync' ? { code: 'EIO' } : undefined),
  });
  disk.writeFile(JOURNAL_FILES[0], new Uint8Array(0));
  const ends: unknown[] = [];
  replayJournal({ disk, isClean: false, isSameBoot: false }, (error) => ends.push(error?.code));
  expect(ends).toEqual([]);
  queue.run();
  expect(ends).toEqual(['EIO']);
});

it('D11: one that cannot be opened to be emptied is told, and is replayed by the next start', () => {
  let isShort = true;
  const { disk, queue } = diskWithQueue({
    fault: (operation, path) =>
      isShort && operation === 'open' && path === JOURNAL_FILES[1] ? { code: 'EMFILE' } : undefined,
  });
  for (const path of JOURNAL_FILES) disk.writeFile(path, new Uint8Array(0));
  const ends: unknown[] = [];
  const begin = (): void => {
    replayJournal({ disk, isClean: false, isSameBoot: false }, (error) => ends.push(error?.code));
    queue.run();
  };
  begin();
  isShort = false;
  begin();
  expect(ends).toEqual(['EMFILE', undefined]);
});
