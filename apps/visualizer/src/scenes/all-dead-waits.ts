import { actor, replica, type Scene } from './scene.ts';

export const allDeadWaits: Scene = {
  id: 'all-dead-waits',
  title: 'All replicas are dead: the first answer',
  about: 'The partition waits for a replica that has every committed record. Nothing is lost.',
  rules: ['C2', 'C3', 'C5', 'L6'],
  world: 'world cluster brokers=3 controllers=1 seed=11',
  moments: [
    {
      play: `topic laser 1,2,3 min.insync.replicas=1 unclean.leader.election.enable=false
        until in-sync laser-0 1 2 3 within 5000 ms; produce laser-0 early; until acked early within 3000 ms; run 600 ms`,
      title: 'Three replicas, one record',
      words: [
        '`early` is on all three brokers. This topic has min.insync.replicas=1: its owner would rather write to a single disk than not at all. You will see what that costs.',
        'It also has unclean.leader.election.enable=false, as topics have by default. That is the first answer.',
      ],
      at: [{ partition: 'laser-0' }],
    },
    {
      next: 'Kill brokers 2 and 3',
      play: 'crash 2 3; until in-sync laser-0 1 within 10000 ms',
      speed: 0.1,
      title: 'One is left',
      words: ['Broker 1 leads alone. By the topic’s own words one is enough.'],
      at: [{ broker: 2 }, { broker: 3 }, replica(1)],
    },
    {
      next: 'Send a record',
      play: 'produce laser-0 late; until acked late within 5000 ms',
      speed: 0.05,
      title: 'Acknowledged, and in one place',
      words: ['`late` is offset 1, and acknowledged. It exists on one disk in the world: that of broker 1.'],
      at: [replica(1)],
    },
    {
      next: 'Kill broker 1',
      play: 'crash 1; until not led laser-0 within 10000 ms',
      speed: 0.1,
      title: 'Nobody leads',
      words: [
        'All replicas are dead. The controller, which is a node of its own here, has put down: no leader.',
      ],
      at: [{ broker: 1 }, { partition: 'laser-0' }],
    },
    {
      next: 'Bring brokers 2 and 3 back',
      play: `start 2 3; until running 2 3 within 10000 ms; produce laser-0 hello; run 1500 ms
        expect not led laser-0; expect not acked hello`,
      speed: 0.5,
      title: 'It waits',
      words: [
        'Brokers 2 and 3 are alive and well, and could lead at once. But they do not have `late`, and somebody was told that `late` is safe. So the partition stays offline: a client that writes `hello` has to wait.',
        'Kafka’s first answer to “all replicas died” is: wait for one that was in sync.',
      ],
      at: [replica(2), replica(3), actor('broker-2/laser-0', 'hosted.offline')],
    },
    {
      next: 'Bring broker 1 back',
      play: `start 1; until leads-itself 1 laser-0 within 20000 ms; until acked hello within 10000 ms
        until converged within 30000 ms; expect has 2 laser-0 late; expect has 3 laser-0 late
        expect logs-equal laser-0; expect nothing-lost`,
      speed: 0.2,
      title: 'Nothing was lost',
      words: [
        'Broker 1 has every committed record, so it may lead. It was killed, not erased: what it had reported was on its disk. The others fetch `late` from it, and `hello` is taken.',
        'The price was time. What if broker 1 never comes back? That is the next scene.',
      ],
      at: [replica(1), replica(2), replica(3)],
    },
  ],
};
