// Settings of a topic. Each has a name at the node too, under which stands what topics have that do not set their own.

import { flag, integer, oneOf, ratio, type Setting, type SettingWords, someOf } from './setting.ts';

const MAX_INT = 2 ** 31 - 1;
const MAX_LONG = Number.MAX_SAFE_INTEGER;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Every setting of a topic may change at any time. */
const words = (initial: string, text: string): SettingWords => ({ default: initial, text, isDynamic: true });

/** By the topic's name for it. */
export const topicSettings = {
  'min.insync.replicas': integer(
    1,
    32_767,
    words('1', 'With fewer replicas in sync nothing is committed (L3, L6).'),
  ),
  'unclean.leader.election.enable': flag(
    words(
      'false',
      'Whether a replica may lead that lacks committed records, if nobody else is alive (C3, C4).',
    ),
  ),
  'cleanup.policy': someOf(
    ['delete', 'compact'],
    words('delete', 'What becomes of old records: deleted by age and size, or all but the last of each key.'),
  ),
  'compression.type': oneOf(
    ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'],
    words('producer', 'How batches are compressed in the log; producer: as they come.'),
  ),
  'delete.retention.ms': integer(
    0,
    MAX_LONG,
    words(String(DAY_MS), 'How long tombstones stay in a compacted log.'),
  ),
  'file.delete.delay.ms': integer(
    0,
    MAX_LONG,
    words('60000', 'How long a deleted segment’s file still lies there.'),
  ),
  'index.interval.bytes': integer(
    0,
    MAX_INT,
    words('4096', 'After how many bytes the offset index gets an entry.'),
  ),
  'max.message.bytes': integer(0, MAX_INT, words('1048588', 'The largest batch that is taken (X6).')),
  'message.timestamp.type': oneOf(
    ['CreateTime', 'LogAppendTime'],
    words('CreateTime', 'Whose clock stamps records: the producer’s or the broker’s.'),
  ),
  'message.timestamp.before.max.ms': integer(
    0,
    MAX_LONG,
    words(String(MAX_LONG), 'How far in the past a timestamp may lie.'),
  ),
  'message.timestamp.after.max.ms': integer(
    0,
    MAX_LONG,
    words('3600000', 'How far in the future a timestamp may lie.'),
  ),
  'min.cleanable.dirty.ratio': ratio(
    0,
    1,
    words('0.5', 'The share of a log not yet compacted from which it is compacted.'),
  ),
  'min.compaction.lag.ms': integer(
    0,
    MAX_LONG,
    words('0', 'How long a record stays before it may be compacted away.'),
  ),
  'retention.bytes': integer(
    -1,
    MAX_LONG,
    words('-1', 'From which size on a partition loses its oldest segments; -1: none.'),
  ),
  'retention.ms': integer(
    -1,
    MAX_LONG,
    words(String(7 * DAY_MS), 'After which age segments are deleted; -1: never.'),
  ),
  'segment.bytes': integer(1024, MAX_INT, words(String(1024 ** 3), 'The size at which a segment is closed.')),
  'segment.index.bytes': integer(
    4,
    MAX_INT,
    words(String(10 * 1024 ** 2), 'The size at which a full index closes a segment.'),
  ),
  'segment.jitter.ms': integer(0, MAX_LONG, words('0', 'By how much segments may close earlier, by chance.')),
  'segment.ms': integer(1, MAX_LONG, words(String(7 * DAY_MS), 'The age at which a segment is closed.')),
} as const;

export type TopicSettingName = keyof typeof topicSettings;

/** Where the node's name for a topic's setting is another. */
const nodeNames = {
  'min.insync.replicas': 'min.insync.replicas',
  'unclean.leader.election.enable': 'unclean.leader.election.enable',
  'cleanup.policy': 'log.cleanup.policy',
  'compression.type': 'compression.type',
  'delete.retention.ms': 'log.cleaner.delete.retention.ms',
  'file.delete.delay.ms': 'log.segment.delete.delay.ms',
  'index.interval.bytes': 'log.index.interval.bytes',
  'max.message.bytes': 'message.max.bytes',
  'message.timestamp.type': 'log.message.timestamp.type',
  'message.timestamp.before.max.ms': 'log.message.timestamp.before.max.ms',
  'message.timestamp.after.max.ms': 'log.message.timestamp.after.max.ms',
  'min.cleanable.dirty.ratio': 'log.cleaner.min.cleanable.ratio',
  'min.compaction.lag.ms': 'log.cleaner.min.compaction.lag.ms',
  'retention.bytes': 'log.retention.bytes',
  'retention.ms': 'log.retention.ms',
  'segment.bytes': 'log.segment.bytes',
  'segment.index.bytes': 'log.index.size.max.bytes',
  'segment.jitter.ms': 'log.roll.jitter.ms',
  'segment.ms': 'log.roll.ms',
} as const satisfies Readonly<Record<TopicSettingName, string>>;

type NodeNames = typeof nodeNames;
export type TopicDefaultName = NodeNames[TopicSettingName];

/** The node's name for what topics have that do not set it. */
export function nodeNameOf<Name extends TopicSettingName>(name: Name): NodeNames[Name] {
  return nodeNames[name];
}

export function isTopicSetting(name: string): name is TopicSettingName {
  return Object.hasOwn(topicSettings, name);
}

export const topicSettingNames = Object.keys(topicSettings).filter(isTopicSetting);

type TopicDefaults = {
  readonly [Name in TopicSettingName as NodeNames[Name]]: (typeof topicSettings)[Name];
};

/** The topics' settings by the node's names for them. */
export const topicDefaults = Object.fromEntries(
  topicSettingNames.map((name): [string, Setting] => [nodeNames[name], topicSettings[name]]),
) as TopicDefaults;
