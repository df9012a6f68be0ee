// DescribeConfigs: every setting of a topic or of this node, with its value, where that comes from, and what it means.

import {
  brokerConfig,
  type ClientRequest,
  type ClientResponse,
  type Configuration,
  clusterConfig,
  type MetadataImage,
  settingNames,
  settings,
  topicByName,
  topicSettingNames,
  topicSettingSource,
  topicSettings,
} from '@odradek/model';

type Response = ClientResponse<'describeConfigs'>;

/** Answers at once. `topic` null: this node. */
export function describeConfigs(
  image: MetadataImage,
  configuration: Configuration,
  { topic }: ClientRequest<'describeConfigs'>['body'],
): Response {
  if (topic === null) {
    const entries = nodeEntries(configuration);
    return { error: 'NONE', errorMessage: null, entries, dynamic: dynamicSettings(image) };
  }
  if (topicByName(image, topic) === undefined) {
    const errorMessage = `there is no topic ${JSON.stringify(topic)}`;
    return { error: 'UNKNOWN_TOPIC_OR_PARTITION', errorMessage, entries: [], dynamic: [] };
  }
  const entries = topicEntries(image, configuration, topic);
  return { error: 'NONE', errorMessage: null, entries, dynamic: [] };
}

/** What is set in the metadata: for all brokers, then for each. */
function dynamicSettings(image: MetadataImage): Response['dynamic'] {
  const of = (broker: number, set: ReadonlyMap<string, string>): Response['dynamic'] =>
    [...set].map(([name, value]) => ({ broker, name, value }));
  const brokers = [...image.brokers.keys()].toSorted((one, other) => one - other);
  return [...of(-1, clusterConfig(image)), ...brokers.flatMap((id) => of(id, brokerConfig(image, id)))];
}

function nodeEntries({ origins }: Configuration): Response['entries'] {
  return settingNames.map((name) => {
    const { text, origin } = origins.get(name) ?? { text: '', origin: 'default' };
    const { isDynamic, text: documentation } = settings[name];
    return { name, value: text, source: origin, isReadOnly: !isDynamic, documentation };
  });
}

function topicEntries(
  image: MetadataImage,
  configuration: Configuration,
  topic: string,
): Response['entries'] {
  return topicSettingNames.map((name) => {
    const { text, source } = topicSettingSource(image, configuration, topic, name);
    return { name, value: text, source, isReadOnly: false, documentation: topicSettings[name].text };
  });
}

/** The settings of a topic in force, as `topic describe` shows them: those that are not the default. */
export function configOf(
  image: MetadataImage,
  configuration: Configuration,
  topic: string,
): readonly { readonly name: string; readonly value: string }[] {
  return topicSettingNames.flatMap((name) => {
    const { text, source } = topicSettingSource(image, configuration, topic, name);
    return source === 'DEFAULT_CONFIG' ? [] : [{ name, value: text }];
  });
}
