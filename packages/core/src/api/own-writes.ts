// Reading what one wrote: whether the image of the broker that took a command shows what the controller has answered. It is
// committed then, but this broker replays it a moment later, and is likely to be asked about it next.

import {
  type AdminApi,
  brokerConfig,
  type ClientAnswer,
  type ClientRequest,
  clusterConfig,
  type MetadataImage,
  topicByName,
  topicConfig,
} from '@odradek/model';

/** What was asked, with what the controller answered. */
export type AnsweredCommand = {
  readonly [Api in AdminApi]: {
    readonly api: Api;
    readonly asked: ClientRequest<Api>['body'];
    readonly answered: ClientAnswer<Api>['body'];
  };
}[AdminApi];

/** Whether the image shows everything that succeeded; what was refused is not waited for. */
export function isInImage(image: MetadataImage, command: AnsweredCommand): boolean {
  if (command.answered.error !== 'NONE') return true;
  switch (command.api) {
    case 'createTopics':
      if (command.asked.validateOnly) return true;
      return succeeded(command.answered.topics).every(
        ({ name, topicId }) => topicByName(image, name)?.topicId === topicId,
      );
    case 'deleteTopics':
      return succeeded(command.answered.topics).every(({ name }) => topicByName(image, name) === undefined);
    case 'createPartitions': {
      const done = new Set(succeeded(command.answered.topics).map(({ name }) => name));
      return command.asked.topics.every(
        ({ name, count }) => !done.has(name) || (topicByName(image, name)?.partitions.length ?? 0) >= count,
      );
    }
    case 'alterConfigs': {
      const { topic, changes, broker } = command.asked;
      const ofBrokers = broker < 0 ? clusterConfig(image) : brokerConfig(image, broker);
      const settings = topic === null ? ofBrokers : topicConfig(image, topic);
      return changes.every(({ name, value }) => (settings.get(name) ?? null) === value);
    }
    case 'electLeaders':
      return succeeded(command.answered.partitions).every(
        ({ topic, partition, leader }) => topicByName(image, topic)?.partitions[partition]?.leader === leader,
      );
  }
}

function succeeded<Item extends { readonly error: string }>(items: readonly Item[]): readonly Item[] {
  return items.filter(({ error }) => error === 'NONE');
}
