import { actor, type Scene } from './scene.ts';

export const election: Scene = {
  id: 'election',
  title: 'An election, and the question before it',
  about: 'How three nodes agree on one of them, and why they ask before they stand.',
  rules: ['Q10', 'Q3', 'Q1', 'Q2', 'Q4', 'C1'],
  world: 'world cluster brokers=3 seed=23',
  moments: [
    {
      play: 'run 800 ms; expect controls 2; expect quorum-is 1 follower; expect quorum-is 3 follower',
      title: 'Three voters, one leader',
      words: [
        'Somebody has to decide who leads which partition: the controller. The three brokers have agreed on one of them, broker 2. It leads this quorum in epoch 1; brokers 1 and 3 follow it and fetch its decisions.',
      ],
      at: [actor('broker-2/quorum', 'leader'), actor('broker-1/quorum', 'follower')],
    },
    {
      next: 'Cut broker 1 off',
      play: 'cut 1|*; until quorum-is 1 prospective within 3000 ms',
      speed: 0.2,
      title: 'It hears nothing, and asks',
      words: [
        'Broker 1 has heard nothing of its leader for half a second. It would stand for election, but first it asks the others: would you vote for me? That question is the pre-vote. It changes nothing, at nobody.',
        'Nobody hears it: broker 1 is cut off.',
      ],
      at: [actor('broker-1/quorum', 'prospective')],
    },
    {
      next: 'Let more time pass',
      play: 'run 2000 ms; expect controls 2',
      speed: 0.6,
      title: 'Still epoch 1',
      words: [
        'It has asked again and again. Without a yes from a majority it may not stand, so it has not raised the epoch.',
        'Without the pre-vote it would have raised it with every try. And when it came back, its higher epoch would depose a leader that nobody else has a quarrel with.',
      ],
      at: [actor('broker-1/quorum'), actor('broker-2/quorum', 'leader')],
    },
    {
      next: 'Let it hear the others again',
      play: 'heal; until quorum-is 1 prospective within 3000 ms; until quorum-is 1 follower within 3000 ms; run 100 ms; expect controls 2; expect quorum-is 2 leader',
      speed: 0.1,
      title: 'No, we have a leader',
      words: [
        'This time the others heard the question, and said no: they hear broker 2 very well. So broker 1 follows again. It has disturbed nobody.',
      ],
      at: [actor('broker-1/quorum', 'follower'), actor('broker-3/quorum', 'follower')],
    },
    {
      next: 'Kill the leader',
      play: 'crash 2; until quorum-is 1 prospective within 3000 ms',
      speed: 0.04,
      title: 'The same question, for good reason',
      words: [
        'Broker 2’s address refuses: the leader is dead, not slow. A moment later broker 1 asks: would you vote for me?',
      ],
      at: [{ broker: 2 }, actor('broker-1/quorum', 'prospective')],
    },
    {
      next: 'See the answer',
      play: 'until quorum-is 1 candidate within 1000 ms',
      speed: 0.002,
      title: 'Yes: now it may stand',
      words: [
        'Broker 3 has no leader either, and its log is no longer than broker 1’s: it would. Two of three are a majority.',
        'Broker 1 opens epoch 2 and votes for itself. It writes that down on its disk before it tells anybody.',
      ],
      at: [actor('broker-1/quorum', 'candidate')],
    },
    {
      next: 'Count the votes',
      play: 'until quorum-is 1 leader within 1000 ms',
      speed: 0.002,
      title: 'Elected',
      words: [
        'Broker 3 gave its vote, and it too wrote it down first. Even if it dies and returns now, it cannot vote for anybody else in epoch 2. So there can never be two leaders of one epoch.',
      ],
      at: [actor('broker-1/quorum', 'leader'), actor('broker-3/quorum')],
    },
    {
      next: 'Let it take office',
      play: 'until controls 1 within 3000 ms; until fenced 2 within 3000 ms',
      speed: 0.03,
      title: 'In office',
      words: [
        'A new leader first puts a record of its own into the log of decisions. When a majority has that record, everything before it is committed too. Only then does broker 1 act as the controller.',
        'Its first decision: broker 2 is fenced.',
      ],
      at: [actor('broker-1/controller', 'active'), { broker: 2 }],
    },
    {
      next: 'Bring broker 2 back',
      play: 'start 2; until quorum-is 2 follower within 5000 ms; until all-running within 20000 ms; expect controls 1; expect quorum-is 1 leader',
      speed: 0.03,
      title: 'Back as a follower',
      words: [
        'Broker 2 led epoch 1. It heard that epoch 2 has begun, and follows. Kill whom you like now: as long as two of three live, somebody leads.',
      ],
      at: [actor('broker-2/quorum', 'follower'), actor('broker-1/quorum', 'leader')],
    },
  ],
};
