// What is worth a line, read from two metadata images: who serves, who leads, who is in sync. The active controller tells it, so
// that each thing is told once.

import {
  type BrokerImage,
  type MetadataImage,
  NO_LEADER,
  type PartitionImage,
  type TopicImage,
  uncleanElectionsOf,
} from '@odradek/model';
import { counted } from './output.ts';

/** More changes of one kind at once are summed up. */
const mostLines = 6;

/** Tells what changes, while its own node is the active controller. */
export class NewsTeller {
  private readonly tell: (text: string) => void;
  private hasBegun = false;
  private wasActive = false;

  constructor(tell: (text: string) => void) {
    this.tell = tell;
  }

  /** From now on: a node that does not serve yet has no listeners. */
  begin(isActive: boolean): void {
    this.hasBegun = true;
    this.look(isActive);
  }

  /** The node has replayed what was committed. */
  replayed(isActive: boolean, before: MetadataImage, after: MetadataImage): void {
    if (!this.hasBegun) return;
    this.look(isActive);
    if (isActive) for (const line of newsOf(before, after)) this.tell(line);
  }

  private look(isActive: boolean): void {
    if (isActive && !this.wasActive) this.tell('is the active controller');
    this.wasActive = isActive;
  }
}

/** What has changed from one image to the next, in words. */
export function newsOf(before: MetadataImage, after: MetadataImage): readonly string[] {
  return [...brokerNews(before, after), ...topicNews(before, after)];
}

function brokerNews(before: MetadataImage, after: MetadataImage): string[] {
  if (before.brokers === after.brokers) return [];
  const news: string[] = [];
  for (const broker of after.brokers.values()) {
    const known = before.brokers.get(broker.id);
    if (known === broker) continue;
    if (known === undefined || known.brokerEpoch !== broker.brokerEpoch) news.push(registeredText(broker));
    if (known !== undefined && known.isFenced !== broker.isFenced)
      news.push(
        broker.isFenced ? `broker ${broker.id} is fenced: it leads nothing` : `broker ${broker.id} serves`,
      );
  }
  for (const id of before.brokers.keys())
    if (!after.brokers.has(id)) news.push(`broker ${id} is unregistered`);
  return news;
}

function registeredText({ id, restartClass }: BrokerImage): string {
  const kept: Readonly<Record<BrokerImage['restartClass'], string>> = {
    clean: 'it ended cleanly before',
    intact: 'nothing that it reported can be missing',
    lossy: 'it is new, or may have lost records',
  };
  return `broker ${id} registered: ${kept[restartClass]}`;
}

function topicNews(before: MetadataImage, after: MetadataImage): string[] {
  if (before.topics === after.topics) return [];
  const news: string[] = [];
  const changes: string[] = [];
  for (const topic of after.topics.values()) {
    const known = before.topics.get(topic.topicId);
    if (known === undefined)
      news.push(`topic ${topic.name} is there, with ${counted(topic.partitions.length, 'partition')}`);
    else if (known !== topic) changes.push(...partitionNews(known, topic, after));
  }
  for (const topic of before.topics.values())
    if (!after.topics.has(topic.topicId)) news.push(`topic ${topic.name} is deleted`);
  const shown = changes.slice(0, mostLines);
  const rest = changes.length - shown.length;
  return [...news, ...shown, ...(rest > 0 ? [`and ${rest} more partitions changed`] : [])];
}

function partitionNews(known: TopicImage, topic: TopicImage, after: MetadataImage): string[] {
  return topic.partitions.flatMap((partition, number) => {
    const before = known.partitions[number];
    if (before === undefined || before === partition) return [];
    const text = changeText(before, partition, isUnclean(after, topic, number, partition));
    return text === undefined ? [] : [`${topic.name}-${number}: ${text}`];
  });
}

function isUnclean(
  image: MetadataImage,
  topic: TopicImage,
  number: number,
  { leaderEpoch }: PartitionImage,
): boolean {
  return uncleanElectionsOf(image, topic.topicId, number).some(
    (election) => election.leaderEpoch === leaderEpoch,
  );
}

function changeText(before: PartitionImage, after: PartitionImage, unclean: boolean): string | undefined {
  const inSync = `in sync ${after.inSyncReplicas.join(' ') || 'nobody'}`;
  if (after.leader === NO_LEADER) return before.leader === NO_LEADER ? undefined : `no leader, ${inSync}`;
  if (after.leader !== before.leader || after.leaderEpoch !== before.leaderEpoch) {
    const how = unclean ? ' by an unclean election: records may be lost' : '';
    return `broker ${after.leader} leads (epoch ${after.leaderEpoch})${how}, ${inSync}`;
  }
  return sameIds(before.inSyncReplicas, after.inSyncReplicas) ? undefined : inSync;
}

function sameIds(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}
