// V15 and V16 as far as one image shows them.

import { effectiveMinInSync } from '@odradek/election';
import { type MetadataImage, partitionsOf, topicSetting } from '@odradek/model';
import { configuration } from './settings.ts';

/** Throws when a partition of the image breaks V15. */
export function checkImage(image: MetadataImage): void {
  for (const { topic, partition, state } of partitionsOf(image)) {
    const problems: string[] = [];
    const { replicas, inSyncReplicas, eligibleLeaderReplicas, leader } = state;
    const minInSync = topicSetting(image, configuration(), topic.name, 'min.insync.replicas');
    const isSubset = [...inSyncReplicas, ...eligibleLeaderReplicas].every((one) => replicas.includes(one));
    if (!isSubset) problems.push('ISR and ELR are replicas');
    if (inSyncReplicas.some((one) => eligibleLeaderReplicas.includes(one)))
      problems.push('ISR and ELR have nobody in common');
    if (leader >= 0 && !inSyncReplicas.includes(leader)) problems.push('the leader is in sync');
    if (leader >= 0 && (image.brokers.get(leader)?.isFenced ?? true)) problems.push('the leader is unfenced');
    const isEnough = inSyncReplicas.length >= effectiveMinInSync(minInSync, replicas.length);
    if (isEnough && eligibleLeaderReplicas.length > 0) problems.push('with enough in sync ELR is empty');
    if (state.directories.length !== replicas.length) problems.push('each replica has a directory');
    if (problems.length > 0)
      throw new Error(
        `V15 of ${topic.name}-${partition} at offset ${image.offset}: ${problems.join('; ')}: ${JSON.stringify(state)}`,
      );
  }
}
