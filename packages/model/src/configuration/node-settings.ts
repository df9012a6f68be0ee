// Settings of a node: who it is, where it listens, its part in the quorum and among the brokers, and its limits.

import { flag, integer, list, listeners, oneOf, someOf, text } from './setting.ts';

const MAX_INT = 2 ** 31 - 1;
const MAX_LONG = Number.MAX_SAFE_INTEGER;

/** Read at its use. */
const dynamic = { isDynamic: true };
/** The same, and it may differ from broker to broker. */
const perBroker = { isDynamic: true, isPerBroker: true };

const identity = {
  'node.id': integer(0, MAX_INT, { text: 'The node’s number, unique in the cluster.' }),
  'process.roles': someOf(['broker', 'controller'], {
    default: 'broker,controller',
    text: 'What this node is: a broker has partitions, a controller votes on the metadata.',
  }),
  'log.dirs': list({ default: '', text: 'The directory of the logs. Made by `odradek format`.' }),
  listeners: listeners({
    default: 'PLAINTEXT://127.0.0.1:9092',
    text: 'Where the node listens: for clients, other nodes and the console, on one port.',
  }),
  'advertised.listeners': listeners({
    default: '',
    text: 'Where others reach this node, if not at its listener: behind forwarded ports.',
  }),
  'broker.rack': text({
    default: '',
    text: 'The rack; replicas of a partition are spread over racks. Empty: none.',
  }),
  'controller.quorum.bootstrap.servers': list({
    default: '',
    text: 'Addresses host:port of nodes that know the quorum, for a node that joins a cluster.',
  }),
} as const;

const quorumAndController = {
  'controller.quorum.election.timeout.ms': integer(1, MAX_INT, {
    default: '1000',
    text: 'How long a voter waits for votes, at least; at most twice as long, by chance. More where answers take longer (Q10).',
  }),
  'controller.quorum.fetch.timeout.ms': integer(1, MAX_INT, {
    default: '2000',
    text: 'How long a voter goes without its leader before it stands for election itself (Q3, Q8).',
  }),
  'controller.quorum.election.backoff.max.ms': integer(0, MAX_INT, {
    default: '1000',
    text: 'The longest pause between lost elections (Q10).',
  }),
  'controller.quorum.request.timeout.ms': integer(1, MAX_INT, {
    default: '2000',
    text: 'How long a request of the quorum may take.',
  }),
  'controller.quorum.retry.backoff.ms': integer(0, MAX_INT, {
    default: '20',
    text: 'The pause before a failed request of the quorum is asked again.',
  }),
  'broker.heartbeat.interval.ms': integer(1, MAX_INT, {
    default: '2000',
    text: 'How often a broker tells the controller that it is alive (C7).',
  }),
  'broker.session.timeout.ms': integer(1, MAX_INT, {
    default: '9000',
    text: 'How long a broker may be silent before it is fenced (C7, C8).',
  }),
  'odradek.refused.grace.ms': integer(0, MAX_INT, {
    default: '200',
    text: 'How long a broker whose address refuses connections is given before it is fenced.',
  }),
  'leader.imbalance.check.interval.seconds': integer(1, MAX_INT, {
    default: '300',
    text: 'How long after a change, and how often at most, the controller gives leadership back to the preferred replicas.',
  }),
  'leader.imbalance.per.broker.percentage': integer(0, 100, {
    default: '10',
    text: 'How many of the partitions that prefer a broker may be led by others before leadership is given back to it, in percent.',
  }),
  'auto.leader.rebalance.enable': flag({
    ...dynamic,
    default: 'true',
    text: 'Whether the controller gives leadership back to the preferred replicas by itself.',
  }),
  'metadata.log.max.record.bytes.between.snapshots': integer(1, MAX_LONG, {
    default: String(20 * 1024 * 1024),
    text: 'How many bytes of metadata are written before the next snapshot (Q11).',
  }),
  'metadata.log.max.snapshot.interval.ms': integer(0, MAX_LONG, {
    default: '3600000',
    text: 'The longest time between snapshots of the metadata while it changes; 0: no limit.',
  }),
  'controlled.shutdown.enable': flag({
    default: 'true',
    text: 'Whether a broker that stops gives its leaderships away first (C9).',
  }),
  'default.replication.factor': integer(-1, 32_767, {
    ...dynamic,
    default: '-1',
    text: 'Replicas of a new topic. -1: three, or as many as there are brokers if they are fewer.',
  }),
  'num.partitions': integer(1, MAX_INT, { ...dynamic, default: '1', text: 'Partitions of a new topic.' }),
  'auto.create.topics.enable': flag({
    default: 'false',
    text: 'Whether asking for a topic that does not exist creates it.',
  }),
  'delete.topic.enable': flag({ ...dynamic, default: 'true', text: 'Whether topics can be deleted.' }),
  'group.initial.rebalance.delay.ms': integer(0, MAX_INT, {
    default: '3000',
    text: 'How long a new group waits for more members before it gives out partitions.',
  }),
} as const;

const replication = {
  'replica.lag.time.max.ms': integer(1, MAX_LONG, {
    ...dynamic,
    default: '30000',
    text: 'How long a follower may be behind before it leaves the in-sync set (I4).',
  }),
  'replica.fetch.max.bytes': integer(0, MAX_INT, {
    ...perBroker,
    default: String(1024 * 1024),
    text: 'The most that a follower reads of one partition at once; a larger first batch is read all the same.',
  }),
  'replica.fetch.response.max.bytes': integer(0, MAX_INT, {
    ...perBroker,
    default: String(10 * 1024 * 1024),
    text: 'The most that a follower reads of all partitions at once.',
  }),
  'replica.fetch.min.bytes': integer(0, MAX_INT, {
    default: '1',
    text: 'How much must be there before a follower’s fetch is answered.',
  }),
  'replica.fetch.wait.max.ms': integer(0, MAX_INT, {
    ...perBroker,
    default: '500',
    text: 'How long a follower’s fetch waits for that much.',
  }),
  'replica.fetch.backoff.ms': integer(0, MAX_INT, {
    ...perBroker,
    default: '1000',
    text: 'The pause before a follower asks again about a partition that gave an error.',
  }),
  'replica.socket.timeout.ms': integer(1, MAX_INT, {
    ...perBroker,
    default: '30000',
    text: 'How long a follower’s fetch may take.',
  }),
  'replica.high.watermark.checkpoint.interval.ms': integer(1, MAX_LONG, {
    default: '5000',
    text: 'How often high watermarks are written to disk.',
  }),
  'log.retention.check.interval.ms': integer(1, MAX_LONG, {
    default: '300000',
    text: 'How often segments are looked for that are too old or too many (L10).',
  }),
  'odradek.slow.flush.ms': integer(1, MAX_INT, {
    ...perBroker,
    default: '1000',
    text: 'From how long on a flush of a log is told as slow.',
  }),
  'odradek.flush.policy': oneOf(['commit', 'os', 'memory'], {
    default: 'commit',
    text: 'When a record counts as durable: commit, once it is fsynced; os, once the operating system has it; memory: partitions have no disk.',
  }),
  'odradek.commit.journal.min.logs': integer(0, MAX_INT, {
    default: '16',
    text: 'From how many logs on that are to be fsynced at once a journal takes all of them with one fsync, and they follow later; 0: never.',
  }),
  'odradek.disk.free.min.bytes': integer(0, MAX_LONG, {
    default: String(100 * 1024 * 1024),
    text: 'With less room than this on its disk a broker takes no more records from clients: the rest is for replicas, metadata and checkpoints (D6).',
  }),
} as const;

const limits = {
  'fetch.max.bytes': integer(1024, MAX_INT, {
    ...perBroker,
    default: String(55 * 1024 * 1024),
    text: 'The most that one fetch of a client is answered with (X6).',
  }),
  'max.incremental.fetch.session.cache.slots': integer(0, MAX_INT, {
    default: '1000',
    text: 'How many fetch sessions are remembered.',
  }),
  'socket.request.max.bytes': integer(1024, MAX_INT, {
    default: String(100 * 1024 * 1024),
    text: 'The largest request (X1).',
  }),
  'queued.max.request.bytes': integer(1024, MAX_LONG, {
    default: String(256 * 1024 * 1024),
    text: 'How many bytes of requests may wait in this node (X1).',
  }),
  'max.connections': integer(1, MAX_INT, {
    ...perBroker,
    default: '10000',
    text: 'How many connections of clients are taken; nodes have some room besides (X7).',
  }),
  'max.connections.per.ip': integer(1, MAX_INT, {
    default: '5000',
    text: 'How many connections are taken from one address (X7).',
  }),
  'connections.max.idle.ms': integer(1, MAX_LONG, {
    default: '600000',
    text: 'How long a connection may be idle before it is closed.',
  }),
  'request.timeout.ms': integer(1, MAX_INT, {
    default: '30000',
    text: 'How long a request to another node may take.',
  }),
  'producer.id.expiration.ms': integer(1, MAX_INT, {
    default: '86400000',
    text: 'How long an idle producer’s sequence numbers are remembered (P1).',
  }),
  'odradek.metrics.partition.limit': integer(0, 100_000, {
    ...perBroker,
    default: '1000',
    text: 'Up to so many replicas here /metrics has series of single partitions; above it of topics, and above so many topics sums only.',
  }),
  'odradek.cluster.secret.file': text({
    default: '',
    text: 'The file with the secret by which nodes prove that they belong to the cluster; readable by its owner alone (X8).',
  }),
  'odradek.console.allow': oneOf(['look', 'administer'], {
    default: 'look',
    text: 'What the console that this node serves offers: to look, or to change topics and settings and to produce, too.',
  }),
  'odradek.allowed.origins': list({
    default: '',
    text: 'Origins of web pages, beside this node’s own, that may open a WebSocket here (X10).',
  }),
} as const;

/** Settings that a file, the environment or a flag gives a node. */
export const nodeSettings = { ...identity, ...quorumAndController, ...replication, ...limits } as const;
