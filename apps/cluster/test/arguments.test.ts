import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  endpoints,
  header,
  integerFrom,
  replicaAssignment,
  setting,
  startPosition,
} from '../src/arguments.ts';

describe('values on the command line', () => {
  it('reads addresses, IPv6 in brackets', () => {
    expect(endpoints('localhost:9092,[::1]:9093')).toEqual([
      { host: 'localhost', port: 9092 },
      { host: '::1', port: 9093 },
    ]);
    for (const wrong of ['localhost', 'a:b', 'a:0', 'a:70000', '', 'a:1,'])
      expect(() => endpoints(wrong), wrong).toThrow(InvalidArgumentError);
  });

  it('reads where to begin', () => {
    expect(startPosition('earliest')).toEqual({ at: 'earliest' });
    expect(startPosition('17')).toEqual({ at: 'offset', offset: 17 });
    expect(startPosition('-5')).toEqual({ at: 'before end', count: 5 });
    expect(startPosition('-0')).toEqual({ at: 'latest' });
    expect(startPosition('@1500')).toEqual({ at: 'time', timestampMs: 1500 });
    expect(startPosition('@1970-01-01T00:00:02Z')).toEqual({ at: 'time', timestampMs: 2000 });
    for (const wrong of ['soon', '@soon', '1.5', '9007199254740993', '-9007199254740993'])
      expect(() => startPosition(wrong), wrong).toThrow(InvalidArgumentError);
  });

  it('reads replicas by partition and refuses one twice', () => {
    expect(replicaAssignment('1:2:3,2:3:1')).toEqual([
      [1, 2, 3],
      [2, 3, 1],
    ]);
    for (const wrong of ['1:1', '1:', 'a', ''])
      expect(() => replicaAssignment(wrong)).toThrow(InvalidArgumentError);
  });

  it('reads settings, whose value may hold an equals sign or nothing', () => {
    expect(setting('a.b=c=d')).toEqual({ name: 'a.b', value: 'c=d' });
    expect(setting('a=')).toEqual({ name: 'a', value: '' });
    expect(() => setting('=a')).toThrow(InvalidArgumentError);
  });

  it('reads headers as they are written, with their blanks', () => {
    expect(header('a= b=c ')).toEqual({ name: 'a', value: ' b=c ' });
    expect(() => header('a')).toThrow(InvalidArgumentError);
  });

  it('says which numbers are allowed', () => {
    expect(integerFrom(1, 10)('10')).toBe(10);
    expect(() => integerFrom(1, 10)('11')).toThrow('A whole number from 1 to 10 is allowed.');
    expect(() => integerFrom(0)('1e3')).toThrow('A whole number from 0 is allowed.');
  });
});
