import { actor, replica, type Scene } from './scene.ts';

export const replicasReturn: Scene = {
  id: 'replicas-return',
  title: 'Replicas fail, and return',
  about: 'How many copies may be missing before a cluster says no, and how it heals.',
  rules: ['C8', 'C5', 'L6', 'I3', 'C3', 'F2'],
  world: 'world cluster brokers=3 controllers=1 seed=7',
  moments: [
    {
      play: `topic laser 1,2,3 min.insync.replicas=2; until in-sync laser-0 1 2 3 within 5000 ms
        produce laser-0 one; until acked one within 3000 ms; run 400 ms`,
      title: 'Three in sync',
      words: [
        'laser-0 has three replicas, and all are in sync: they have every committed record. Its topic says min.insync.replicas=2: a record must be on at least two before anybody may call it safe.',
      ],
      at: [{ partition: 'laser-0' }],
    },
    {
      next: 'Kill broker 3',
      play: 'crash 3; until in-sync laser-0 1 2 within 10000 ms',
      speed: 0.1,
      title: 'The set gets smaller',
      words: [
        'Nobody listens at broker 3’s address any more, which is better proof than silence. The controller fences it and takes it out of the in-sync set: nobody waits for it from now on.',
      ],
      at: [{ broker: 3 }, actor('controller-101/controller', 'active'), { partition: 'laser-0' }],
    },
    {
      next: 'Send a record',
      play: 'produce laser-0 two; until acked two within 5000 ms',
      speed: 0.05,
      title: 'Two are enough',
      words: ['`two` is on brokers 1 and 2, and acknowledged. Clients have noticed nothing.'],
      at: [replica(1), replica(2)],
    },
    {
      next: 'Kill broker 2 as well',
      play: 'crash 2; until in-sync laser-0 1 within 10000 ms; expect electable laser-0 2; run 60 ms',
      speed: 0.1,
      title: 'The leader is alone',
      words: [
        'Broker 1 still leads, but the set has one member, fewer than the topic asks for. Nothing new can be committed.',
        'The controller remembers that broker 2 has everything that is committed: if broker 1 dies too, broker 2 may lead. (Kafka calls this an eligible leader replica.)',
      ],
      at: [replica(1), { broker: 2 }],
    },
    {
      next: 'Send another record',
      play: 'produce laser-0 three; until last-error NOT_ENOUGH_REPLICAS within 5000 ms; expect not acked three; expect not has 1 laser-0 three',
      speed: 0.003,
      title: 'No, rather than perhaps',
      words: [
        'The leader refuses: NOT_ENOUGH_REPLICAS. It has not written the record, so this is a plain no, and the client may try again. It does.',
      ],
      at: [replica(1), actor('broker-1/laser-0/replica')],
    },
    {
      next: 'Bring broker 2 back',
      play: 'start 2; until in-sync laser-0 1 2 within 20000 ms; until acked three within 10000 ms',
      speed: 0.2,
      title: 'Caught up, and taken back',
      words: [
        'Broker 2 read its log from its disk, asked the leader where the two logs part, fetched what it lacked, and was taken back into the set. The client’s next try of `three` went through.',
      ],
      at: [actor('broker-2/laser-0/replica'), replica(2)],
    },
    {
      next: 'Kill the leader',
      play: 'crash 1; until leads-itself 2 laser-0 within 10000 ms; expect has 2 laser-0 three',
      speed: 0.1,
      title: 'Broker 2 leads',
      words: [
        'Broker 2 was in the set, so it has every committed record: `one`, `two` and `three`. The controller made it the leader of a new epoch. Epochs count leaders, so that nobody can mix up an old one with a new one.',
      ],
      at: [{ broker: 1 }, replica(2)],
    },
    {
      next: 'Bring everybody back',
      play: `start 1 3; until converged within 30000 ms
        expect in-sync laser-0 1 2 3; expect logs-equal laser-0; expect has 3 laser-0 three; expect nothing-lost`,
      speed: 0.012,
      title: 'Healed',
      words: [
        'All three are in sync and equal. Nobody copied a file or ran a command: who returns asks, fetches and is taken back.',
      ],
      at: [replica(1), replica(2), replica(3)],
    },
  ],
};
