import { describe, expect, it } from 'vitest';
import { refusedFailure } from '../src/failure.ts';
import { counted, number, printFailure, printOutcome, table, unknownCell } from '../src/output.ts';
import { createWorld } from './support/world.ts';

describe('the output', () => {
  it('is one object with --json, and text without', () => {
    const outcome = { data: { records: 3 }, text: 'three' };
    const forPrograms = createWorld(['--json']);
    printOutcome(forPrograms.session.terminal, outcome);
    expect(forPrograms.stdout.text).toBe('{"ok":true,"data":{"records":3}}\n');
    const forPeople = createWorld([]);
    printOutcome(forPeople.session.terminal, outcome);
    expect(forPeople.stdout.text).toBe('three\n');
  });

  it('prints a failure where programs read, and for people on the error stream', () => {
    const failure = refusedFailure('TOPIC_ALREADY_EXISTS', "topic 'a' is there already");
    const forPrograms = createWorld(['--json']);
    printFailure(forPrograms.session.terminal, failure);
    expect(JSON.parse(forPrograms.stdout.text)).toEqual({
      ok: false,
      error: { code: 'TOPIC_ALREADY_EXISTS', message: "topic 'a' is there already" },
    });
    const forPeople = createWorld([]);
    printFailure(forPeople.session.terminal, failure);
    expect(forPeople.stdout.text).toBe('');
    expect(forPeople.stderr.text).toBe("odradek: TOPIC_ALREADY_EXISTS: topic 'a' is there already\n");
  });

  it('sets numbers at the right of their column', () => {
    const { session } = createWorld([]);
    expect(
      table(
        session.terminal,
        ['name', 'offset'],
        [
          ['a', 5],
          ['long name', 1234567],
          ['unheard', unknownCell],
        ],
      ),
    ).toBe(
      ['name        offset', 'a                5', 'long name  1234567', 'unheard          ?'].join('\n'),
    );
  });

  it('has colours on a terminal, and none with NO_COLOR', () => {
    const coloured = createWorld([], {}, { isTTY: true });
    const plain = createWorld([], { NO_COLOR: '1' }, { isTTY: true });
    expect(plain.session.terminal.strong('x')).toBe('x');
    expect(coloured.session.terminal.strong('x')).toBe('\u001b[1mx\u001b[22m');
  });

  it('ends quietly when its reader has gone, and throws what else a stream says', () => {
    const world = createWorld([]);
    world.stdout.emit('error', Object.assign(new Error('closed'), { code: 'EPIPE' }));
    expect(world.abandoned()).toBe(true);
    expect(() => world.stdout.emit('error', new Error('disk'))).toThrow('disk');
  });

  it('lets a command that lives on say what a closed pipe means', () => {
    const world = createWorld([]);
    let heard = 0;
    world.session.terminal.onClosed(() => (heard += 1));
    for (let i = 0; i < 2; i++)
      world.stdout.emit('error', Object.assign(new Error('closed'), { code: 'EPIPE' }));
    expect([heard, world.abandoned()]).toEqual([1, false]);
  });

  it('counts in words', () => {
    expect([counted(1, 'record'), counted(20_000, 'record')]).toEqual(['1 record', '20,000 records']);
    for (const count of [0, 7, 12, 123, 1234, 12_345, 123_456, 1_234_567, 12 ** 14, -1, -123, -1234])
      expect(number(count)).toBe(count.toLocaleString('en'));
  });
});
