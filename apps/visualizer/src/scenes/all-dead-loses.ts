import { replica, type Scene } from './scene.ts';

export const allDeadLoses: Scene = {
  id: 'all-dead-loses',
  title: 'All replicas are dead: the second answer',
  about: 'Whoever is alive leads. What it does not have is lost, counted and named.',
  rules: ['C4', 'F2', 'F3', 'F7', 'L9'],
  world: 'world cluster brokers=3 controllers=1 seed=11',
  moments: [
    {
      play: `topic laser 1,2,3 min.insync.replicas=1 unclean.leader.election.enable=true
        until in-sync laser-0 1 2 3 within 5000 ms; read laser-0; produce laser-0 early
        until acked early within 3000 ms; until given early within 3000 ms; run 600 ms`,
      title: 'The same start, one setting apart',
      words: [
        '`early` is on all three brokers, and a reader has read it. But this topic has unclean.leader.election.enable=true: its owner would rather go on than wait.',
      ],
      at: [{ partition: 'laser-0' }],
    },
    {
      next: 'Kill brokers 2 and 3, send two records',
      play: `crash 2 3; until in-sync laser-0 1 within 10000 ms
        produce laser-0 late later; until acked late later within 5000 ms; until given later within 3000 ms`,
      speed: 0.1,
      title: 'Acknowledged, on one disk',
      words: [
        '`late` is offset 1 and `later` is offset 2. Both are acknowledged, and the reader has read them. They are on broker 1 only.',
      ],
      at: [replica(1)],
    },
    {
      next: 'Kill broker 1, bring broker 2 back',
      play: 'crash 1; until not led laser-0 within 10000 ms; start 2; until leads-itself 2 laser-0 within 20000 ms',
      speed: 0.1,
      title: 'An unclean election',
      words: [
        'Broker 2 is the only one alive, and the controller made it leader, although it was not in sync. Its log ends at offset 1.',
        'That this election was unclean is written into the metadata, with its epoch. How much is lost nobody can say yet: only broker 1 knows.',
      ],
      at: [replica(2), { broker: 1 }],
    },
    {
      next: 'Send a record',
      play: `produce laser-0 other by=somebody; until acked other within 10000 ms
        until told-of-truncation laser-0 1 within 10000 ms; until given other within 5000 ms`,
      speed: 0.06,
      title: 'Offset 1 means another record now',
      words: [
        '`other` got offset 1, which was that of `late`. That is the only way in which an offset can ever change its record, and it must not happen silently.',
        'The reader was at offset 3. When it asked on, it was told that the log parts from what it had read at offset 1, and it reads on from there.',
      ],
      at: [replica(2)],
    },
    {
      next: 'Bring brokers 1 and 3 back',
      play: `start 1 3; until converged within 30000 ms; until declared-lost laser-0 1 3 within 10000 ms
        expect not has 1 laser-0 late; expect has 1 laser-0 other; expect logs-equal laser-0`,
      speed: 0.15,
      title: 'Counted, and named',
      words: [
        'Broker 1 found where its log parts from the new leader’s: at offset 1. It reported what it had beyond, and cut it off. Now it is known: offsets 1 and 2 are lost, two records.',
        'That count is in the metadata, so every broker can tell you, and it is exact. A loss that nobody can see would be the worst answer of all.',
      ],
      at: [replica(1), { partition: 'laser-0' }],
    },
  ],
};
