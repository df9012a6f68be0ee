// The timers of a cluster's nodes, by the names that schedules give them.

import { flagSource, resolveConfiguration, shortTimers } from '@odradek/model';

export function clusterTimers(settings: Readonly<Record<string, string>>): Readonly<Record<string, number>> {
  const { values } = resolveConfiguration([shortTimers, flagSource({ 'node.id': '1', ...settings })]);
  return {
    lag: values['replica.lag.time.max.ms'],
    session: values['broker.session.timeout.ms'],
    heartbeat: values['broker.heartbeat.interval.ms'],
    election: 2 * values['controller.quorum.election.timeout.ms'],
    fetch: values['controller.quorum.fetch.timeout.ms'],
  };
}
