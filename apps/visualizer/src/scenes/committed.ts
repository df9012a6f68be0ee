import { actor, replica, type Scene } from './scene.ts';

export const committed: Scene = {
  id: 'committed',
  title: 'A record’s way to “committed”',
  about: 'From the client to three disks and back: when a record is safe, and who says so.',
  rules: ['L1', 'I1', 'L3', 'L6', 'F4', 'L7'],
  world: 'world cluster brokers=3 controllers=1 seed=5\nnetwork minDelayMs=2 maxDelayMs=2',
  moments: [
    {
      play: `topic laser 1,2,3 min.insync.replicas=2; until in-sync laser-0 1 2 3 within 5000 ms
        disk 1 3; disk 2 6; disk 3 9; run 400 ms`,
      title: 'Everybody waits for something to come',
      words: [
        'Broker 1 leads laser-0. Brokers 2 and 3 follow: each has asked the leader for what comes after the end of its own log. Nothing has come yet, so the leader has not answered.',
        'Time goes slowly in this scene, so that you can see single messages and single writes to a disk.',
      ],
      at: [replica(1), actor('broker-2/laser-0/replica')],
    },
    {
      next: 'Send a record',
      play: 'produce laser-0 gold; until end 1 laser-0 1 within 3000 ms',
      speed: 0.006,
      title: 'Appended',
      words: [
        'The leader has put `gold` at the end of its log: offset 0. It says nothing to the client yet. So far the record is in one place, and not even on a disk.',
      ],
      at: [replica(1)],
    },
    {
      next: 'Let the followers have it',
      play: 'until end 2 laser-0 1 within 1000 ms; until end 3 laser-0 1 within 1000 ms; expect not acked gold',
      speed: 0.001,
      title: 'Copied',
      words: [
        'Now there is an answer to the question of brokers 2 and 3, and both have appended the same record at the same offset.',
        'Three copies, but all of them in memory: if the lights went out now, they would be gone.',
      ],
      at: [replica(2), replica(3)],
    },
    {
      next: 'Let the disks write',
      play: `until flushed 1 laser-0 1 within 1000 ms; until flushed 2 laser-0 1 within 1000 ms
        until flushed 3 laser-0 1 within 1000 ms; expect high-watermark 1 laser-0 0; expect not acked gold`,
      speed: 0.003,
      title: 'On three disks',
      words: [
        'Each broker has flushed its log. From here on a power cut takes nothing. But the leader does not know it yet: what it knows of the others is what they tell it.',
      ],
      at: [replica(1), replica(2), replica(3)],
    },
    {
      next: 'Let them tell the leader',
      play: 'until high-watermark 1 laser-0 1 within 1000 ms; expect not acked gold',
      speed: 0.001,
      title: 'Committed',
      words: [
        'Both followers have told how far their disks are. Everybody in the in-sync set has the record, so the leader moves its high watermark to 1.',
        'The high watermark is one number: everything below it is committed. Whoever of the set leads next has it.',
      ],
      at: [replica(1), actor('broker-1/laser-0/replica', 'high watermark.serving')],
    },
    {
      next: 'See the answer',
      play: 'until acked gold within 1000 ms',
      speed: 0.0015,
      title: 'Acknowledged',
      words: [
        'Only now does the client hear: `gold` is offset 0. That is what acks=all means. With acks=1 the answer would have come after the leader’s own flush, and could have been a promise that nobody keeps.',
      ],
      at: [replica(1)],
    },
    {
      next: 'Let the followers hear of it, and read',
      play: `read laser-0; until given gold within 3000 ms
        until high-watermark 2 laser-0 1 within 3000 ms; until high-watermark 3 laser-0 1 within 3000 ms
        until converged within 3000 ms; expect logs-equal laser-0; expect nothing-lost`,
      speed: 0.2,
      title: 'Readable',
      words: [
        'Readers get what is below the high watermark, and nothing else: what they have seen cannot vanish. The followers learn the high watermark with their next answer, a little late. That is harmless: theirs is never higher than the true one.',
      ],
      at: [replica(1), replica(2), replica(3)],
    },
  ],
};
