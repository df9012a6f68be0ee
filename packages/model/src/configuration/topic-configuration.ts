// What a topic's settings are: its own, else what was set for the whole cluster, else the node's. Changes are checked before they
// become records, so what is in the image can be read.

import { clusterConfig, type MetadataImage, topicConfig } from '../metadata/image.ts';
import {
  type Configuration,
  ConfigurationError,
  type ConfigurationValues,
  isSettingName,
  problemsTogether,
  readSetting,
  settingNames,
  settings,
  unknownName,
} from './configuration.ts';
import type { Setting } from './setting.ts';
import {
  isTopicSetting,
  nodeNameOf,
  type TopicSettingName,
  topicSettingNames,
  topicSettings,
} from './topic-settings.ts';

type ValueOfTopic<Name extends TopicSettingName> =
  (typeof topicSettings)[Name] extends Setting<infer T> ? T : never;

export type TopicConfiguration = { readonly [Name in TopicSettingName]: ValueOfTopic<Name> };

/** Where the value of a topic's setting comes from, as `DescribeConfigs` says it. */
export type TopicSettingSource =
  | 'DYNAMIC_TOPIC_CONFIG'
  | 'DYNAMIC_DEFAULT_BROKER_CONFIG'
  | 'STATIC_BROKER_CONFIG'
  | 'DEFAULT_CONFIG';

/** One setting of a topic. */
export function topicSetting<Name extends TopicSettingName>(
  image: MetadataImage,
  node: Configuration,
  topic: string,
  name: Name,
): ValueOfTopic<Name> {
  return valueIn(name, topicConfig(image, topic), clusterConfig(image), node);
}

/** All settings of a topic. */
export function topicConfiguration(
  image: MetadataImage,
  node: Configuration,
  topic: string,
): TopicConfiguration {
  const own = topicConfig(image, topic);
  const cluster = clusterConfig(image);
  const values = topicSettingNames.map((name) => [name, valueIn(name, own, cluster, node)]);
  return Object.fromEntries(values) as TopicConfiguration;
}

function valueIn<Name extends TopicSettingName>(
  name: Name,
  own: ReadonlyMap<string, string>,
  cluster: ReadonlyMap<string, string>,
  node: Configuration,
): ValueOfTopic<Name> {
  const nodeName = nodeNameOf(name);
  const text = own.get(name) ?? cluster.get(nodeName);
  const value = text === undefined ? node.values[nodeName] : topicSettings[name].read(text);
  if (value === undefined)
    throw new ConfigurationError([
      `${name} is "${text}" in the metadata: allowed is ${topicSettings[name].allowed}`,
    ]);
  return value as ValueOfTopic<Name>;
}

/** The text of a topic's setting and where it comes from. */
export function topicSettingSource(
  image: MetadataImage,
  node: Configuration,
  topic: string,
  name: TopicSettingName,
): { readonly text: string; readonly source: TopicSettingSource } {
  const own = topicConfig(image, topic).get(name);
  if (own !== undefined) return { text: own, source: 'DYNAMIC_TOPIC_CONFIG' };
  const cluster = clusterConfig(image).get(nodeNameOf(name));
  if (cluster !== undefined) return { text: cluster, source: 'DYNAMIC_DEFAULT_BROKER_CONFIG' };
  const ofNode = node.origins.get(nodeNameOf(name));
  const isDefault = ofNode === undefined || ofNode.origin === 'default';
  return {
    text: ofNode?.text ?? topicSettings[name].default ?? '',
    source: isDefault ? 'DEFAULT_CONFIG' : 'STATIC_BROKER_CONFIG',
  };
}

/** What is wrong with a change of a topic's setting, undefined when nothing is. A null value takes the setting away. */
export function topicSettingProblem(name: string, value: string | null): string | undefined {
  if (!isTopicSetting(name)) {
    const isDefaultOfOne = topicSettingNames.some((one) => nodeNameOf(one) === name);
    if (!isSettingName(name) || isDefaultOfOne) return unknownName(name, topicSettingNames);
    const where = settings[name].isDynamic
      ? 'change it with `cluster alter`'
      : "it stands in nodes' configurations";
    return `${name} is a setting of nodes, not of topics: ${where}`;
  }
  return problemOf(name, topicSettings[name], value);
}

/**
 * What is wrong with a change of settings for all brokers, or for one: only what may change while nodes run, and of one broker only
 * what brokers need not agree on.
 */
export function clusterSettingProblem(
  name: string,
  value: string | null,
  isOfOneBroker = false,
): string | undefined {
  if (!isSettingName(name)) return unknownName(name, settingNames);
  const setting: Setting = settings[name];
  if (!setting.isDynamic)
    return `${name} cannot change while nodes run: set it in each node's configuration, and restart the nodes one after another`;
  if (isOfOneBroker && !setting.isPerBroker)
    return `${name} cannot differ from broker to broker: set it for all`;
  if (!isOfOneBroker && value === null && name === 'min.insync.replicas')
    return `${name} of the cluster can be changed, not taken away: leaders and controller must agree on it`;
  return problemOf(name, setting, value);
}

/** What would be wrong with a node's values together, were these settings made; undefined when nothing. */
export function changedTogetherProblem(
  node: Configuration,
  changes: readonly { readonly name: string; readonly value: string | null }[],
): string | undefined {
  const values = new Map<string, unknown>(Object.entries(node.values));
  for (const { name, value } of changes)
    if (isSettingName(name) && value !== null) values.set(name, settings[name].read(value));
  return problemsTogether(Object.fromEntries(values) as ConfigurationValues)[0];
}

function problemOf(name: string, setting: Setting, value: string | null): string | undefined {
  if (value === null) return undefined;
  const read = readSetting(name, setting, value);
  return 'problem' in read ? read.problem : undefined;
}
