// Settings for a cluster on one machine, where what matters is to see quickly what happens.

import { type ConfigurationSource, flagSource } from './configuration.ts';

/** The short timers of `odradek up`; weaker than anything that the user says. */
export const shortTimers: ConfigurationSource = flagSource(
  {
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '300',
    'controller.quorum.election.timeout.ms': '150',
    'controller.quorum.election.backoff.max.ms': '150',
    'controller.quorum.fetch.timeout.ms': '500',
    'controller.quorum.request.timeout.ms': '500',
    'replica.lag.time.max.ms': '3000',
    'replica.socket.timeout.ms': '3000',
    'replica.fetch.backoff.ms': '50',
    'leader.imbalance.check.interval.seconds': '1',
    'leader.imbalance.per.broker.percentage': '0',
    'group.initial.rebalance.delay.ms': '0',
  },
  'up',
);
