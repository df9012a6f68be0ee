import { describe, expect, it } from 'vitest';
import { playSchedule } from '../src/play-schedule.ts';
import { formatScheduleFile, parseScheduleFile } from '../src/schedule-file.ts';

const text = `# S99 a story: of a quorum
world quorum voters=3 seed=7
network maxDelayMs=9
mutants M17 M18
until leader   # a remark
crash leader; tick 10 ms
`;

describe('a schedule as a file', () => {
  it('has a title, a world, mutants and a story whose statements know their lines', () => {
    const file = parseScheduleFile('S99', text);
    expect(file.title).toBe('S99 a story: of a quorum');
    expect(file.header).toMatchObject({ kind: 'quorum', options: { voters: 3, seed: 7 } });
    expect(file.header.network).toEqual({ maxDelayMs: 9 });
    expect(file.mutants).toEqual(['M17', 'M18']);
    expect(file.story).toEqual([
      { text: 'until leader', line: 5 },
      { text: 'crash leader', line: 6 },
      { text: 'tick 10 ms', line: 6 },
    ]);
  });

  it('is written as it is read', () => {
    const { name: _, ...file } = parseScheduleFile('S99', text);
    const again = parseScheduleFile('S99', formatScheduleFile(file));
    expect(again).toMatchObject({ title: file.title, header: file.header, mutants: file.mutants });
    expect(again.story.map((statement) => statement.text)).toEqual(file.story.map(({ text: one }) => one));
  });

  it.each([
    ['crash 1', /^S98: a schedule begins with "world cluster …" or "world quorum …"/],
    ['world disk', /^S98:1: "disk" is no world: cluster or quorum/],
    ['world quorum\nworld quorum voters=many', /^S98:2: "voters=many": a number of 0 or more/],
    ['world quorum\nnetwork speed=3', /^S98:2: "speed=3" is not known. Known: minDelayMs/],
    ['world quorum\nset voters', /^S98:2: "voters" is no setting: KEY=VALUE/],
  ])('says where it is none: %j', (wrong, message) => {
    expect(() => parseScheduleFile('S98', wrong)).toThrow(message);
  });

  it.each([
    ['explode 1', /^S97:3: "explode 1": no such verb. Known: run, tick/],
    ['until peace', /^S97:3: "peace": no such condition. Known: holding, leader/],
    ['tick for a while', /^S97:3: .* a time is written as in "500 ms"/],
    ['power 1 keep=some', /^S97:3: "keep=some": what is kept is one of random, all, none, even, odd/],
    ['cut 1', /^S97:3: "1" is no way: 1>2, 1\|2, 1\|\*/],
    ['hold x vote.rsp', /^S97:3: "vote.rsp" names no message/],
    ['hold x elect.req', /^S97:3: "elect" is no API between nodes/],
    ['fetch 1>2', /^S97:3: "1>2" is not fetched by hand/],
  ])('says which statement nobody can play: %s', (wrong, message) => {
    const file = parseScheduleFile('S97', `world quorum voters=3\nuntil leader\n${wrong}`);
    expect(() => playSchedule(file)).toThrow(message);
  });
});
