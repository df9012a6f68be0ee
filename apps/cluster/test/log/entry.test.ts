import { expect, it } from 'vitest';
import { type Entry, jsonLine, printable, textLine } from '../../src/log/entry.ts';

const wall = new Date(Date.UTC(2026, 0, 31, 12, 3, 11, 42));
const step: Entry = {
  level: 'info',
  actor: 'broker-1/laser-0',
  event: 'place changed',
  text: 'leads in epoch 5, in sync 1 2 3',
  rule: 'F1',
  from: 'hosted.following',
  to: 'hosted.leading',
};

it('for programs: one object in one line', () => {
  expect(JSON.parse(jsonLine(step, wall))).toEqual({
    time: '2026-01-31T12:03:11.042Z',
    level: 'info',
    actor: 'broker-1/laser-0',
    rule: 'F1',
    from: 'hosted.following',
    event: 'place changed',
    to: 'hosted.leading',
    text: 'leads in epoch 5, in sync 1 2 3',
  });
});

it('for people: when, how bad, who, what, and the step behind it', () => {
  expect(textLine(step, wall)).toMatch(
    /^\d\d:\d\d:11\.042 {2}info {3}broker-1\/laser-0 {2}leads in epoch 5, in sync 1 2 3 {2}\(hosted.following —place changed→ hosted.leading, F1\)$/,
  );
  const told: Entry = { level: 'warn', actor: 'broker-1', event: 'told', text: 'the disk is slow' };
  expect(textLine(told, wall)).toMatch(/ warn {3}broker-1 {2}the disk is slow$/);
});

it('X6 what a stranger wrote makes no second line, and nothing that a terminal obeys', () => {
  const evil = 'a\n00:00:00.000  error  broker-1  all is lost\r\u001b[2J\u0007\u2028\u202ex\u0000é—→';
  const shown =
    'a\\u000a00:00:00.000  error  broker-1  all is lost\\u000d\\u001b[2J\\u0007\\u2028\\u202ex\\u0000é—→';
  expect(printable(evil)).toBe(shown);
  const entry: Entry = {
    level: 'warn',
    actor: `session-1\n${evil}`,
    event: 'connection refused',
    text: evil,
  };
  for (const line of [textLine(entry, wall), jsonLine(entry, wall)]) {
    for (const obeyed of ['\n', '\r', '\u001b', '\u2028', '\u202e']) expect(line).not.toContain(obeyed);
  }
  expect(JSON.parse(jsonLine(entry, wall)).text).toBe(shown);
});

it('X6 a text is cut where nobody would read on', () => {
  expect(printable('x'.repeat(1_000_000)).length).toBeLessThan(3000);
});
