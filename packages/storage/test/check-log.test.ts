import { controlBatch, crc32c, joinedBytes } from '@odradek/format';
import { describe, expect, it } from 'vitest';
import { type CheckOrder, checkLog, type LogCheck } from '../src/check-log.ts';
import { dumpLog } from '../src/dump-log.ts';
import { append, TestBroker } from './support/broker.ts';

function closedLog(): TestBroker {
  const broker = new TestBroker({ configuration: { 'segment.bytes': 700, 'index.interval.bytes': 100 } });
  broker.create();
  for (let index = 0; index < 20; index++) append(broker.log, 2, { timestamp: 1_600_000_000_000 + index });
  broker.stopCleanly();
  return broker;
}

function check(broker: TestBroker, path = '', compute: CheckOrder['compute'] = {}): LogCheck {
  let result: LogCheck | undefined;
  checkLog({ disk: broker.disk, path, compute }, (found) => {
    result = found;
  });
  broker.queue.run();
  if (result === undefined) throw new Error('the check did not end');
  return result;
}

const first = 'orders-0/00000000000000000000';

describe('log check', () => {
  it('has nothing to say about a sound directory', () => {
    expect(check(closedLog())).toMatchObject({ batches: 20, records: 40, notInflated: 0, problems: [] });
  });

  it('names a damaged batch, an index and files that cannot be read', () => {
    const damages: [string, number, number[], string][] = [
      [`${first}.log`, 80, [1, 2], 'BAD_CRC'],
      [`${first}.index`, 4, [0, 0, 0, 9], 'no batch begins'],
      [`${first}.timeindex`, 7, [0], 'entry 0'],
      ['orders-0/leader-epoch-checkpoint', 0, [0x39], 'cannot be read'],
      ['orders-0/partition.metadata', 0, [0x39], 'cannot be read'],
      ['orders-0/00000000000000000040.snapshot', 3, [0x39], 'checksum'],
      ['recovery-point-offset-checkpoint', 0, [0x39], 'cannot be read'],
    ];
    for (const [file, position, bytes, message] of damages) {
      const broker = closedLog();
      broker.disk.corrupt(file, position, Uint8Array.from(bytes));
      const [problem] = check(broker).problems;
      expect([file, problem?.file, problem?.message]).toEqual([file, file, expect.stringContaining(message)]);
    }
  });

  it('X5: tells of records that cannot be inflated, as a producer has sent them: the log is sound, and what follows is looked at', () => {
    const broker = closedLog();
    const bytes = broker.disk.readFile(`${first}.log`) ?? new Uint8Array(0);
    const end = 12 + new DataView(bytes.buffer, bytes.byteOffset).getInt32(8);
    // Its attributes say gzip, and its checksum is true.
    bytes[22] = 1;
    const checksum = new Uint8Array(4);
    new DataView(checksum.buffer).setUint32(0, crc32c(bytes, 21, end));
    broker.disk.corrupt(`${first}.log`, 22, Uint8Array.of(1));
    broker.disk.corrupt(`${first}.log`, 17, checksum);
    const compute: CheckOrder['compute'] = {
      inflate: (_codec, _section, _most, done) => broker.queue.later(() => done({ error: 'CORRUPT' })),
    };
    expect(check(broker, '', compute)).toMatchObject({
      batches: 20,
      unreadable: [{ file: `${first}.log`, position: 0, message: 'BAD_RECORDS: its gzip is CORRUPT' }],
      problems: [],
    });
  });

  it('D3: names a log whose last sync has failed', () => {
    const broker = closedLog();
    broker.disk.writeFile('orders-0/odradek-sync-failed', new Uint8Array(0));
    expect(check(broker).problems).toMatchObject([
      { file: 'orders-0/odradek-sync-failed', message: expect.stringContaining('its last sync has failed') },
    ]);
  });

  it('D7: names an index that is no whole number of entries, with and without the other one', () => {
    for (const [name, other] of [
      ['.index', '.timeindex'],
      ['.timeindex', '.index'],
    ] as const)
      for (const isAlone of [false, true]) {
        const broker = closedLog();
        if (isAlone) broker.disk.remove(`${first}${other}`);
        broker.disk.writeFile(
          `${first}${name}`,
          Uint8Array.from({ length: 7 }, (_, index) => index),
        );
        expect(check(broker).problems).toEqual([
          { file: `${first}${name}`, message: '7 bytes: the last 7 are no whole entry' },
        ]);
      }
  });

  it('says where in the file, also beyond the first slice that is read of it', () => {
    const broker = new TestBroker();
    broker.create();
    for (let index = 0; index < 3; index++) append(broker.log, 1, {}, 900_000);
    broker.stopCleanly();
    const file = `${first}.log`;
    const third = 2 * ((broker.disk.readFile(file)?.length ?? 0) / 3);
    broker.disk.corrupt(file, third + 100, Uint8Array.of(1, 2, 3));
    const [problem] = check(broker).problems;
    expect([problem?.file, problem?.position]).toEqual([file, third]);
    expect(problem?.message).toMatch(/^BAD_CRC: checksum \d+, the header says \d+$/);
  });

  it('Q11: verifies snapshots of the metadata: batches, header and footer', () => {
    const stamp = { timestamp: 0, leaderEpoch: 1 };
    const header = controlBatch([{ type: 'SnapshotHeader', lastContainedLogTimestamp: 0 }], {
      ...stamp,
      baseOffset: 0,
    });
    const footer = controlBatch([{ type: 'SnapshotFooter' }], { ...stamp, baseOffset: 1 });
    const broken = footer.slice();
    broken[broken.length - 1] = 9;
    const name = 'orders-0/00000000000000000007-0000000001.checkpoint';
    const problemOf = (...pieces: readonly Uint8Array[]) => {
      const broker = closedLog();
      broker.disk.writeFile(name, joinedBytes(pieces));
      const [problem, ...more] = check(broker).problems;
      expect(more).toEqual([]);
      return problem;
    };
    expect(problemOf(header, footer)).toBe(undefined);
    expect(problemOf(header)).toMatchObject({ file: name, position: header.length });
    expect(problemOf(footer)).toMatchObject({ position: 0, message: expect.stringContaining('offset 1') });
    expect(problemOf(header, broken)).toMatchObject({
      position: header.length,
      message: expect.stringContaining('BAD_CRC'),
    });
    expect(problemOf()?.message).toBe('the snapshot ends without its footer');
  });

  it('names a checkpoint that says more than the log has', () => {
    const broker = closedLog();
    const text = new TextEncoder().encode('0\n1\norders 0 41\n');
    broker.disk.writeFile('recovery-point-offset-checkpoint', text);
    expect(check(broker).problems[0]?.message).toBe('orders-0 at 41, but it ends at 40');
  });
});

describe('log dump', () => {
  it('gives exactly the keys of its form', () => {
    const broker = closedLog();
    const keys = new Set<string>();
    const recordKeys = new Set<string>();
    dumpLog(
      {
        disk: broker.disk,
        path: 'orders-0',
        withRecords: true,
        onBatch: (batch) => {
          for (const key of Object.keys(batch)) keys.add(key);
          for (const key of Object.keys(batch.records?.[0] ?? {})) recordKeys.add(key);
        },
      },
      () => {},
    );
    broker.queue.run();
    expect([...keys].join(' ')).toBe(
      'baseOffset lastOffset baseSequence lastSequence producerId producerEpoch leaderEpoch isTransactional ' +
        'isControl position sizeInBytes crc codec timestampType maxTimestamp records',
    );
    expect([...recordKeys].join(' ')).toBe('offset timestamp key value headers');
  });
});
