import { describe, expect, it } from 'vitest';
import { decodeVoteState, encodeVoteState } from '../src/index.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('the file quorum-state', () => {
  it("Q1: is Kafka's JSON", () => {
    const state = { epoch: 5, votedFor: undefined, leaderId: 3000 };
    const text =
      '{"leaderId":3000,"leaderEpoch":5,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}';
    expect(new TextDecoder().decode(encodeVoteState(state))).toBe(text);
    expect(decodeVoteState(bytesOf(text))).toEqual(state);
  });
  it('Q1: gives back what was written', () => {
    const state = {
      epoch: 7,
      votedFor: { id: 2, directoryId: 'AAAAAAAAAAAAAAAAAAAAAQ' },
      leaderId: undefined,
    };
    expect(decodeVoteState(encodeVoteState(state))).toEqual(state);
  });
  it('S64: is refused when it is damaged: a voter that guesses its vote may vote twice', () => {
    expect(() => decodeVoteState(bytesOf('{"leaderId":3'))).toThrow('not JSON');
    expect(() => decodeVoteState(bytesOf(''))).toThrow('not JSON');
    expect(() => decodeVoteState(bytesOf('7'))).toThrow('not a JSON object');
    expect(() => decodeVoteState(bytesOf('{"data_version":0}'))).toThrow('version 0');
    expect(() => decodeVoteState(bytesOf('{"data_version":1,"leaderId":"x"}'))).toThrow('leaderId');
  });
});
