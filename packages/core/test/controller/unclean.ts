// A controller with three brokers and one topic, and what its replicas report after unclean elections.

import { Rig } from './rig.ts';

export const UNCLEAN = [{ name: 'unclean.leader.election.enable', value: 'true' }];

/** Brokers 1, 2 and 3 have the one partition of `laser`; 1 leads. */
export function started(
  config: { name: string; value: string }[] = [],
  settings: Record<string, string> = {},
): Rig {
  const rig = new Rig(settings);
  rig.lead();
  rig.start(1, 2, 3);
  rig.createTopic('laser', { assignment: [[1, 2, 3]], config });
  return rig;
}

/** A broker tells of the range that its replica drops, or has an empty one where its log ends; the answer. */
export function report(
  rig: Rig,
  broker: number,
  fromOffset: number,
  toOffset: number,
  more: { readonly highWatermark?: number; readonly leaderEpoch?: number } = {},
) {
  const { leaderEpoch } = rig.partition('laser');
  const place = { topicId: rig.topicId('laser'), partition: 0 };
  const truncation = { ...place, leaderEpoch, fromOffset, toOffset, highWatermark: -1, ...more };
  const body = { brokerId: broker, brokerEpoch: rig.brokerEpoch(broker), truncations: [truncation] };
  const asked = rig.ask(broker, { api: 'reportTruncations', body });
  rig.settle();
  return asked.answer;
}
