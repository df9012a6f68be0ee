// Vote state as Kafka keeps it in a log directory, in the file `quorum-state`: JSON of its QuorumStateData, version 1.

import { textBytes } from '@odradek/format';
import { NO_LEADER } from '@odradek/model';
import { MAX_EPOCH } from './epoch-horizon.ts';
import type { DurableVoteState } from './quorum-arithmetic.ts';

/** The file's name in the metadata log's directory. */
export const voteStateFile = 'quorum-state';

const NO_VOTE = -1;

export function encodeVoteState(state: DurableVoteState): Uint8Array {
  const fields = {
    leaderId: state.leaderId ?? NO_LEADER,
    leaderEpoch: state.epoch,
    votedId: state.votedFor?.id ?? NO_VOTE,
    // Kafka writes the zero UUID where there is no vote.
    votedDirectoryId: state.votedFor?.directoryId ?? 'AAAAAAAAAAAAAAAAAAAAAA',
    data_version: 1,
  };
  return textBytes(JSON.stringify(fields));
}

/** Reads the file; throws when it is not what Kafka or this package wrote: a voter that guesses its vote may vote twice. */
export function decodeVoteState(bytes: Uint8Array): DurableVoteState {
  const fields = parsed(new TextDecoder().decode(bytes));
  const version = numberIn(fields, 'data_version');
  if (version !== 1) throw new Error(`${voteStateFile}: version ${version}, only 1 is read`);
  const leaderId = numberIn(fields, 'leaderId');
  const votedId = numberIn(fields, 'votedId');
  const directoryId = fields.votedDirectoryId;
  if (typeof directoryId !== 'string')
    throw new Error(
      `${voteStateFile}: votedDirectoryId is ${JSON.stringify(directoryId) ?? 'missing'}: a text is allowed`,
    );
  const epoch = numberIn(fields, 'leaderEpoch');
  if (epoch < 0 || epoch > MAX_EPOCH)
    throw new Error(`${voteStateFile}: leaderEpoch is ${epoch}; allowed are 0 to ${MAX_EPOCH}`);
  return {
    epoch,
    votedFor: votedId === NO_VOTE ? undefined : { id: votedId, directoryId },
    leaderId: leaderId === NO_LEADER ? undefined : leaderId,
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${voteStateFile}: not JSON, but ${JSON.stringify(text.slice(0, 40))}`);
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${voteStateFile}: not a JSON object`);
  return { ...value };
}

function numberIn(fields: Readonly<Record<string, unknown>>, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Error(
    `${voteStateFile}: ${name} is ${JSON.stringify(value) ?? 'missing'}: an integer is allowed`,
  );
}
