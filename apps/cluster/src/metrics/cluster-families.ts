// The controller, the quorum and the metadata for Prometheus, under Kafka's names. What the active controller alone tells is 0 at the
// others, so that a sum over all nodes is right.

import type { NodeMeasures } from '@odradek/core';
import { lossesOf, NO_LEADER, partitionsOf } from '@odradek/model';
import { counter, type Family, gauge } from './exposition.ts';

export function* controllerFamilies({ image, isActiveController, counters }: NodeMeasures): Iterable<Family> {
  const counts = { topics: 0, partitions: 0, offline: 0, elsewhere: 0, active: 0, fenced: 0, lost: 0 };
  if (isActiveController) {
    counts.topics = image.topics.size;
    for (const { state } of partitionsOf(image)) {
      counts.partitions += 1;
      if (state.leader === NO_LEADER) counts.offline += 1;
      else if (state.leader !== state.replicas[0]) counts.elsewhere += 1;
    }
    for (const { isFenced } of image.brokers.values()) counts[isFenced ? 'fenced' : 'active'] += 1;
    for (const { records } of lossesOf(image).losses) counts.lost += records ?? 0;
  }
  const name = (rest: string): string => `kafka_controller_kafkacontroller_${rest}`;
  yield gauge(
    name('activecontrollercount'),
    '1 at the active controller: over all nodes 1 is right.',
    Number(isActiveController),
  );
  yield gauge(name('globaltopiccount'), 'Topics.', counts.topics);
  yield gauge(name('globalpartitioncount'), 'Partitions.', counts.partitions);
  yield gauge(name('offlinepartitionscount'), 'Partitions without a leader.', counts.offline);
  yield gauge(
    name('preferredreplicaimbalancecount'),
    'Partitions led by another than their preferred replica.',
    counts.elsewhere,
  );
  yield gauge(name('activebrokercount'), 'Brokers that serve.', counts.active);
  yield gauge(name('fencedbrokercount'), 'Brokers that are fenced.', counts.fenced);
  const { elections, uncleanElections } = counters.decisions;
  yield counter(
    'odradek_leader_elections_total',
    'New leader epochs of partitions while this node was the active controller.',
    elections,
  );
  yield counter(
    'kafka_controller_controllerstats_uncleanleaderelections_total',
    'Those by which committed records may be lost.',
    uncleanElections,
  );
  yield gauge(
    'odradek_lost_records',
    'Committed records that unclean elections took, as far as replicas have reported.',
    counts.lost,
  );
}

export function* metadataFamilies({ quorum, metadataEnd }: NodeMeasures): Iterable<Family> {
  yield gauge(
    'kafka_server_broker_metadata_metrics_last_applied_record_offset',
    'The last record of the metadata that this node has replayed.',
    metadataEnd - 1,
  );
  if (quorum === undefined) return;
  const name = (rest: string): string => `kafka_server_raft_metrics_${rest}`;
  yield gauge(name('current_leader'), 'Who leads the quorum; -1: nobody known.', quorum.leaderId ?? -1);
  yield gauge(name('current_epoch'), 'The epoch of the quorum.', quorum.epoch);
  yield gauge(name('high_watermark'), 'How far the metadata is committed.', quorum.highWatermark);
  yield gauge(name('current_state'), 'This node in the quorum.', [
    { labels: { state: quorum.state }, value: 1 },
  ]);
  yield gauge(
    'odradek_quorum_voter_reachable',
    '1 while a voter is there, as far as this node knows.',
    quorum.voters.map(({ id, reachable }) => ({ labels: { voter: id }, value: Number(reachable) })),
  );
}
