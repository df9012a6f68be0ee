import { expect, it } from 'vitest';
import { describedText } from '../../src/commands/topic.ts';
import { createWorld } from '../support/world.ts';

it('describe shows what is not known as that, not as an offset', () => {
  const partition = {
    ...{ partition: 0, leader: 1, leaderEpoch: 3, replicas: [1, 2], inSyncReplicas: [1, 2], waitingFor: [] },
    ...{ eligibleLeaderReplicas: [], logStartOffset: 0, highWatermark: 1234, logEndOffset: 1240 },
    ...{ replicaEnds: [{ broker: 1, logEndOffset: 1240, flushedEndOffset: 1240 }] },
  };
  const unheard = { logStartOffset: -1, highWatermark: -1, logEndOffset: -1 };
  const partitions = [partition, { ...partition, ...unheard, partition: 1, replicaEnds: [] }];
  const topic = { name: 'laser', topicId: 'id', config: {}, partitions };
  const [, , first = '', second = ''] = describedText(createWorld([]).session, topic).split('\n');
  expect(first).toMatch(/ 0 +1234 +1240 +1:1240$/);
  expect(second).toMatch(/ \? +\? +\?$/);
});
