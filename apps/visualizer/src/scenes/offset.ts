import { replica, type Scene } from './scene.ts';

export const offset: Scene = {
  id: 'offset',
  title: 'What an offset is, and why it never changes',
  about: 'A log, its copies, and the number by which everybody finds a record.',
  rules: ['L1', 'L7', 'F1'],
  world: 'world cluster brokers=3 controllers=1 seed=3',
  moments: [
    {
      play: 'topic laser 1,2,3 min.insync.replicas=2; until in-sync laser-0 1 2 3 within 5000 ms; run 100 ms',
      title: 'One log, three copies',
      words: [
        '`laser` is a topic with one partition, laser-0. A partition is a log: records stand in it one behind the other, and new ones come at the end.',
        'Each of the three brokers keeps a copy, called a replica. Broker 1 leads: only the leader takes new records. The log is still empty.',
      ],
      at: [{ partition: 'laser-0' }, replica(1)],
    },
    {
      next: 'Send three records',
      play: 'produce laser-0 red green blue; until acked red green blue within 3000 ms; run 60 ms',
      speed: 0.03,
      title: 'Each record has a number',
      words: [
        '`red` is 0, `green` is 1, `blue` is 2. That number is the record’s offset. The leader gave it, once, when it put the record at the end of its log.',
        'The other replicas do not count for themselves: they copy the record together with its number.',
      ],
      at: [replica(1), replica(2), replica(3)],
    },
    {
      next: 'Read from offset 1',
      play: 'read laser-0 from=1; until given blue within 3000 ms; expect given green; expect not given red',
      speed: 0.004,
      title: 'A reader brings a number',
      words: [
        'The reader asked for offset 1 and on, and got `green` and `blue`. Reading takes nothing away: the log is as it was, and others may read from wherever they like.',
        'All that a reader has to remember is a number. So that number must mean the same record tomorrow.',
      ],
      at: [replica(1)],
    },
    {
      next: 'Kill the leader',
      play: 'crash 1; until leads-itself 2 laser-0 within 10000 ms; run 60 ms',
      speed: 0.1,
      title: 'Another leader, the same numbers',
      words: [
        'Broker 1 is dead, and broker 2 leads now. Its log has the same records at the same offsets, so nobody has to learn anything anew.',
      ],
      at: [{ broker: 1 }, replica(2)],
    },
    {
      next: 'Send one more record',
      play: 'produce laser-0 white; until acked white within 10000 ms; until given white within 5000 ms; expect has 3 laser-0 white',
      speed: 0.04,
      title: 'It goes on where it stopped',
      words: [
        '`white` is 3. The new leader counts on from the end of its own log, and the reader, who was waiting for offset 3, gets it.',
      ],
      at: [replica(2), replica(3)],
    },
    {
      next: 'Bring broker 1 back',
      play: `start 1; until in-sync laser-0 1 2 3 within 20000 ms; until converged within 20000 ms
        expect has 1 laser-0 white; expect logs-equal laser-0; expect nothing-lost`,
      speed: 0.015,
      title: 'Three equal logs again',
      words: [
        'Broker 1 asked for everything from its own end on, got `white` at offset 3, and has caught up. Offset for offset, the three logs are equal.',
        'Try it: kill and start whom you like, send records, and look whether an offset ever changes its record.',
      ],
      at: [replica(1), replica(2), replica(3)],
    },
  ],
};
