import { describe, expect, it } from 'vitest';
import { withCluster } from '../support/cluster.ts';
import { Load } from '../support/records.ts';

describe('a cut between a leader and a follower', () => {
  it(
    'puts the follower out of the in-sync set, and it is back soon after the cut has healed',
    () =>
      withCluster({}, async (cluster) => {
        const client = cluster.client();
        // Both hear the controller all the time: what is cut is replication alone.
        const { controller } = await client.admin().clusterStatus();
        const [leader = 0, follower = 0] = [1, 2, 3].filter((id) => id !== controller.id);
        await client.admin().createTopic({ name: 'cut', assignment: [[leader, follower, controller.id]] });
        const inSync = (isIn: boolean) =>
          cluster.untilTopic(client, 'cut', `broker ${follower} in sync: ${isIn}`, ({ partitions }) =>
            partitions.every((one) => one.inSyncReplicas.includes(follower) === isIn),
          );
        const load = new Load(client, 'cut');
        await load.more(100);
        await cluster.chaos({ do: 'cut', from: leader, to: follower, isOneWay: false });
        await inSync(false);
        await cluster.chaos({ do: 'heal' });
        const healedAt = performance.now();
        await inSync(true);
        // A fetch that was lost in the cut is given up as fast as the other timers of `up` are.
        expect(performance.now() - healedAt).toBeLessThan(10_000);
        await load.stop();
      }),
    60_000,
  );
});
