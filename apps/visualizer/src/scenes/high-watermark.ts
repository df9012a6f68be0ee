import { actor, replica, type Scene } from './scene.ts';

export const highWatermark: Scene = {
  id: 'high-watermark',
  title: 'Why the high watermark waits',
  about: 'One slow replica holds everybody up, for a while, and that is right.',
  rules: ['L3', 'L5', 'P1', 'I4', 'L4', 'I3'],
  world: 'world cluster brokers=3 controllers=1 seed=17',
  moments: [
    {
      play: `topic laser 1,2,3 min.insync.replicas=2; until in-sync laser-0 1 2 3 within 5000 ms
        produce laser-0 a; until acked a within 3000 ms; run 600 ms`,
      title: 'All in sync',
      words: [
        '`a` is on all three replicas and committed: the high watermark stands at 1. Everything below it is safe and readable.',
      ],
      at: [replica(1)],
    },
    {
      next: 'Cut the way between 1 and 3, send a record',
      play: 'cut 1|3; produce laser-0 b; until end 2 laser-0 2 within 3000 ms; until flushed 2 laser-0 2 within 3000 ms; run 100 ms; expect not acked b; expect high-watermark 1 laser-0 1',
      speed: 0.05,
      title: 'Two of three have it',
      words: [
        '`b` is on the disks of brokers 1 and 2. Broker 3 cannot fetch it. The high watermark stays at 1, and the client waits.',
        'Is two of three not a majority? Here that is not the question. Everybody in the in-sync set may be elected next, and broker 3 is still in the set. If the leader said “safe” now and died, broker 3 could lead, without `b`.',
      ],
      at: [replica(1), replica(3), { partition: 'laser-0' }],
    },
    {
      next: 'Wait',
      play: 'until in-sync laser-0 1 2 within 15000 ms; expect end 1 laser-0 2; expect not acked b',
      speed: 1,
      title: 'The set gets smaller',
      words: [
        'Broker 3 has lagged for three seconds (replica.lag.time.max.ms). The leader asked the controller to take it out of the set, and the controller has written it down: from now on broker 3 cannot be elected.',
        'Meanwhile the client lost patience and sent `b` again. The leader saw by its number that it has it already, and did not write it twice.',
      ],
      at: [{ partition: 'laser-0' }, actor('controller-101/controller', 'active')],
    },
    {
      next: 'See what follows from it',
      play: 'until high-watermark 1 laser-0 2 within 3000 ms; until acked b within 3000 ms',
      speed: 0.0015,
      title: 'Now it moves',
      words: [
        'The leader heard that the smaller set is in force, and not a moment sooner moved the high watermark to 2 and answered the client. While it was still asking it had to reckon with both sets.',
      ],
      at: [replica(1), actor('broker-1/laser-0/replica')],
    },
    {
      next: 'Open the way again',
      play: `heal; until in-sync laser-0 1 2 3 within 20000 ms; until converged within 20000 ms
        expect has 3 laser-0 b; expect logs-equal laser-0; expect nothing-lost`,
      speed: 0.006,
      title: 'Back in the set',
      words: [
        'Broker 3 fetched `b`. Once its log reached the high watermark, the leader asked for it to be taken back; and from the moment it asked, the high watermark waits for broker 3 again.',
      ],
      at: [replica(3), { partition: 'laser-0' }],
    },
  ],
};
