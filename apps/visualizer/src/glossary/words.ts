// The words of the field, in sentences of our own.

export const glossary = {
  broker: 'A server that keeps logs of partitions, answers clients, and copies what other brokers lead.',
  partition:
    'One log of a topic: records in an order that never changes. It is kept by several brokers, its replicas.',
  replica: 'The copy of a partition’s log that one broker keeps.',
  leader: 'The one replica that takes new records of a partition. The others fetch from it.',
  follower: 'A replica that fetches records from its leader and appends them in the same order.',
  offset: 'The number of a record in its partition. It is given once, and never changes.',
  'log end': 'The offset that the next record of this replica will get: all it has lies below.',
  'high watermark': 'Below it every record is committed. Consumers read up to here, and no further.',
  appended:
    'Written by this replica, and not yet by all that are in sync: a change of leaders may still drop it.',
  'in sync': 'All in-sync replicas have it. A replica that is in sync has lately caught up with its leader.',
  committed:
    'Every in-sync replica has it and the high watermark is above it: it is not lost while one of them lives.',
  'in-sync replicas':
    'ISR: those that a record must have reached to be committed. Only they may lead without loss.',
  eligible:
    'Eligible leader replica: out of sync, and still known to have every committed record, so it may lead without loss.',
  epoch:
    'Counts the leaders of a partition, or of the quorum. What an earlier leader says is refused by its epoch.',
  controller: 'The node that decides about brokers, topics and leaders. The quorum’s leader does it.',
  quorum: 'The nodes that keep the cluster’s metadata, and elect one of them by majority.',
  fenced:
    'A broker that the controller has taken out of service: it leads nothing until it is back and caught up.',
  'unclean election':
    'A replica leads that may lack committed records, because none that has them all is alive. What is lost is counted.',
  machine: 'A state machine: the states that an actor can be in, and what moves it from one to another.',
  guard: 'A condition that a transition asks before it is taken.',
  rule: 'One statement of the protocol. Each has an id, which stands beside the guard that enforces it.',
} as const;

export type Word = keyof typeof glossary;
