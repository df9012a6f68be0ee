import { expect, it } from 'vitest';
import { type ConditionMeasures, conditionsOf, conditionsText, isReady } from '../../src/http/readiness.ts';

const well: ConditionMeasures = {
  quorum: {
    ...{ state: 'observer', leaderId: 2, epoch: 3, highWatermark: 41 },
    ...{ voters: [], observers: [] },
  },
  metadataEnd: 41,
  isMetadataStuck: false,
  state: 'running',
  brokerEpoch: 5,
  hosted: new Map(),
  noRoom: undefined,
  isActiveController: false,
};

it('D6: a node that cannot write what is new in the metadata is not ready, and says so: it sends clients elsewhere', () => {
  expect(isReady(conditionsOf(well, true))).toBe(true);
  const stuck = conditionsOf({ ...well, isMetadataStuck: true }, true);
  expect(isReady(stuck)).toBe(false);
  expect(conditionsText('readyz', stuck)).toContain(
    '[-]metadata-log failed: what is new cannot be written, replayed only up to offset 41: clients are sent to other brokers\n',
  );
});
