import { actor, replica, type Scene } from './scene.ts';

export const zombie: Scene = {
  id: 'zombie',
  title: 'The leader that would not die',
  about: 'Two brokers believe that they lead. Epochs decide who is right.',
  rules: ['L6', 'C8', 'I6', 'F1', 'F2', 'F3'],
  world: 'world cluster brokers=3 controllers=1 seed=13',
  moments: [
    {
      play: `topic laser 1,2,3 min.insync.replicas=2; until in-sync laser-0 1 2 3 within 5000 ms
        produce laser-0 a by=careless acks=1; until acked a within 3000 ms
        produce laser-0 b by=careful; until acked b within 3000 ms; run 600 ms`,
      title: 'Two clients, one leader',
      words: [
        'Broker 1 leads laser-0 in epoch 0: it is the first leader. Two clients write to it. One is careful (acks=all), one is not (acks=1: the leader’s word is enough).',
      ],
      at: [replica(1)],
    },
    {
      next: 'Cut broker 1 off from the cluster',
      play: 'cut 1|*; produce laser-0 ghost by=careless acks=1; produce laser-0 wish by=careful; until acked ghost within 5000 ms; run 200 ms; expect not acked wish; expect has 1 laser-0 wish; expect end 1 laser-0 4',
      speed: 0.05,
      title: 'It does not know',
      words: [
        'Nothing passes between broker 1 and the others, but both clients still reach it. So it goes on: it has taken `ghost` and `wish` at offsets 2 and 3.',
        'The careless client was told that `ghost` is written. The careful one hears nothing: `wish` is on one replica, and broker 1 cannot commit alone.',
      ],
      at: [replica(1), actor('broker-1/laser-0/replica', 'high watermark.serving')],
    },
    {
      next: 'Wait until the controller misses it',
      play: 'until leads-itself 2 laser-0 within 20000 ms; expect leads-itself 1 laser-0',
      speed: 1,
      title: 'Two leaders?',
      words: [
        'Broker 1 was silent for its whole session, three seconds. The controller fenced it and made broker 2 leader, in epoch 1. Broker 1 has not heard of that: it is still leading, in epoch 0. A zombie.',
        'Is that dangerous? Every message between brokers carries an epoch. Nobody takes a word of epoch 0 any more.',
      ],
      at: [actor('broker-1/laser-0', 'hosted.leading'), actor('broker-2/laser-0', 'hosted.leading')],
    },
    {
      next: 'Send a record to the new leader',
      play: 'produce laser-0 real by=newcomer; until acked real within 10000 ms; expect has 2 laser-0 real; expect not has 1 laser-0 real; expect end 1 laser-0 4',
      speed: 0.008,
      title: 'Only one of them can commit',
      words: [
        '`real` is committed: broker 2 and broker 3 have it. In the log of broker 1 something else stands at that offset, but it was never committed and never will be: for that it would need a follower, and it has none.',
      ],
      at: [replica(2), replica(3), replica(1)],
    },
    {
      next: 'Let broker 1 hear the others again',
      play: `heal; until in-sync laser-0 1 2 3 within 30000 ms; until converged within 30000 ms; until acked wish within 10000 ms
        expect not has 1 laser-0 ghost; expect has 1 laser-0 real; expect logs-equal laser-0; expect nothing-lost`,
      speed: 0.02,
      title: 'It follows',
      words: [
        'Broker 1 heard of epoch 1 and follows broker 2. It asked where epoch 0 had ended, was told: at offset 2, and cut its log there. Then it fetched the rest.',
        '`ghost` is gone. It was never committed: that is the difference between acks=1 and acks=all. The careful client asked who leads now and sent `wish` there.',
      ],
      at: [replica(1), actor('broker-1/laser-0/replica')],
    },
  ],
};
