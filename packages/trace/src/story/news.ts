// What is worth a line, read from two metadata images: who serves, who leads, who is in sync. The active controller tells it, so
// that each thing is told once.

import {
  type BrokerImage,
  configResource,
  lossesOf,
  type MetadataImage,
  NO_LEADER,
  type PartitionImage,
  type TopicImage,
  uncleanElectionsOf,
} from '@odradek/model';
import { countedText } from '../number-text.ts';
import type { Level } from './sentence.ts';

/** One thing that has changed in the cluster. */
export interface News {
  readonly level: Level;
  /** The kind of thing: `leader elected`, `broker fenced` … */
  readonly event: string;
  readonly text: string;
  readonly rule?: string;
  /** The partition it is about: `laser-1`. */
  readonly partition?: string;
}

/** More changes of one kind at once are summed up. */
const mostLines = 6;

/** Tells what changes, while its own node is the active controller. */
export class NewsTeller {
  private readonly tell: (news: News) => void;
  private hasBegun = false;
  private wasActive = false;
  private image: MetadataImage | undefined;
  /** Registered under this controller. What the log says of earlier ones was so before a restart of everything. */
  private readonly registered = new Set<number>();

  constructor(tell: (news: News) => void) {
    this.tell = tell;
  }

  /** From now on: a node that does not serve yet has no listeners. */
  begin(isActive: boolean): void {
    this.hasBegun = true;
    this.look(isActive);
    // Those that were there sooner than the controller could tell: each is told of once.
    if (isActive)
      for (const broker of this.image?.brokers.values() ?? [])
        if (!broker.isFenced && this.registered.has(broker.id)) this.tell(serves(broker));
  }

  /** The node has replayed what was committed. */
  replayed(isActive: boolean, before: MetadataImage, after: MetadataImage): void {
    this.image = after;
    if (!this.hasBegun) {
      if (isActive) this.noteRegistrations(before, after);
      return;
    }
    this.look(isActive);
    if (isActive) for (const news of newsOf(before, after)) this.tell(news);
  }

  private noteRegistrations(before: MetadataImage, after: MetadataImage): void {
    for (const { id, brokerEpoch } of after.brokers.values())
      if (before.brokers.get(id)?.brokerEpoch !== brokerEpoch) this.registered.add(id);
  }

  private look(isActive: boolean): void {
    if (isActive && !this.wasActive)
      this.tell({ level: 'info', event: 'controller active', text: 'is the active controller', rule: 'C1' });
    this.wasActive = isActive;
  }
}

/** What has changed from one image to the next. */
export function newsOf(before: MetadataImage, after: MetadataImage): readonly News[] {
  return [
    ...brokerNews(before, after),
    ...topicNews(before, after),
    ...lossNews(before, after),
    ...settingNews(before, after),
  ];
}

function brokerNews(before: MetadataImage, after: MetadataImage): News[] {
  if (before.brokers === after.brokers) return [];
  const news: News[] = [];
  for (const broker of after.brokers.values()) {
    const known = before.brokers.get(broker.id);
    if (known === broker) continue;
    if (known === undefined || known.brokerEpoch !== broker.brokerEpoch) news.push(registered(broker));
    if (known !== undefined && known.isFenced !== broker.isFenced)
      news.push(
        broker.isFenced
          ? {
              level: 'warn',
              event: 'broker fenced',
              text: `broker ${broker.id} is fenced: it leads nothing`,
              rule: 'C8',
            }
          : serves(broker),
      );
  }
  for (const id of before.brokers.keys())
    if (!after.brokers.has(id))
      news.push({ level: 'info', event: 'broker unregistered', text: `broker ${id} is unregistered` });
  return news;
}

function serves({ id }: BrokerImage): News {
  return { level: 'info', event: 'broker unfenced', text: `broker ${id} serves`, rule: 'C7' };
}

function registered({ id, restartClass }: BrokerImage): News {
  const kept: Readonly<Record<BrokerImage['restartClass'], string>> = {
    clean: 'it ended cleanly before',
    intact: 'nothing that it reported can be missing',
    lossy: 'it is new, or may have lost records',
  };
  const text = `broker ${id} registered: ${kept[restartClass]}`;
  return { level: 'info', event: 'broker registered', text, rule: 'C6' };
}

function topicNews(before: MetadataImage, after: MetadataImage): News[] {
  if (before.topics === after.topics) return [];
  const news: News[] = [];
  const changes: News[] = [];
  for (const topic of after.topics.values()) {
    const known = before.topics.get(topic.topicId);
    if (known === undefined) {
      const text = `topic ${topic.name} is there, with ${countedText(topic.partitions.length, 'partition')}`;
      news.push({ level: 'info', event: 'topic created', text });
      continue;
    }
    const count = topic.partitions.length;
    if (count > known.partitions.length) {
      const text = `topic ${topic.name} has ${countedText(count, 'partition')}, ${count - known.partitions.length} more than before`;
      news.push({ level: 'info', event: 'partitions created', text });
    }
    if (known !== topic) changes.push(...partitionNews(known, topic, after));
  }
  for (const topic of before.topics.values())
    if (!after.topics.has(topic.topicId))
      news.push({ level: 'info', event: 'topic deleted', text: `topic ${topic.name} is deleted` });
  const shown = changes.slice(0, mostLines);
  const rest = changes.length - shown.length;
  if (rest === 0) return [...news, ...shown];
  const text = `and ${countedText(rest, 'more partition')} changed`;
  return [...news, ...shown, { level: 'info', event: 'partitions changed', text }];
}

function partitionNews(known: TopicImage, topic: TopicImage, after: MetadataImage): News[] {
  return topic.partitions.flatMap((partition, number) => {
    const before = known.partitions[number];
    if (before === undefined || before === partition) return [];
    const isFenced = (id: number): boolean => after.brokers.get(id)?.isFenced === true;
    const news = changeNews(before, partition, isUnclean(after, topic, number, partition), isFenced);
    const name = `${topic.name}-${number}`;
    return news === undefined ? [] : [{ ...news, text: `${name}: ${news.text}`, partition: name }];
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

function changeNews(
  before: PartitionImage,
  after: PartitionImage,
  unclean: boolean,
  isFenced: (id: number) => boolean,
): News | undefined {
  const inSync = `in sync ${after.inSyncReplicas.join(' ') || 'nobody'}`;
  if (after.leader === NO_LEADER) {
    if (before.leader === NO_LEADER) return undefined;
    return { level: 'warn', event: 'leader lost', text: `no leader, ${inSync}`, rule: 'C3' };
  }
  if (after.leader !== before.leader || after.leaderEpoch !== before.leaderEpoch) {
    const how = unclean ? ' by an unclean election: records may be lost' : '';
    const why = unclean ? '' : whyElected(before, after, isFenced);
    const text = `broker ${after.leader} leads (epoch ${after.leaderEpoch})${how}, ${inSync}${why}`;
    return unclean
      ? { level: 'warn', event: 'leader elected uncleanly', text, rule: 'C4' }
      : { level: 'info', event: 'leader elected', text, rule: 'C3' };
  }
  if (sameIds(before.inSyncReplicas, after.inSyncReplicas)) return undefined;
  const isLess = after.inSyncReplicas.length < before.inSyncReplicas.length;
  // Who is fenced leaves every in-sync set; who lags leaves this one.
  const gone = before.inSyncReplicas.filter((id) => !after.inSyncReplicas.includes(id));
  return {
    level: isLess ? 'warn' : 'info',
    event: isLess ? 'in-sync set shrunk' : 'in-sync set expanded',
    text: inSync,
    rule: !isLess ? 'I3' : gone.every(isFenced) ? 'C8' : 'I4',
  };
}

/** C3, in words: what the images show of it; empty where they show nothing. */
function whyElected(
  before: PartitionImage,
  { leader, replicas }: PartitionImage,
  isFenced: (id: number) => boolean,
): string {
  if (leader === before.leader) return '';
  const isEligible =
    !before.inSyncReplicas.includes(leader) && before.eligibleLeaderReplicas.includes(leader);
  const merit = isEligible
    ? 'it is eligible: it has every committed record'
    : 'the first of the in-sync replicas that is alive';
  if (before.leader === NO_LEADER) return `: ${merit}`;
  if (isFenced(before.leader)) return `: ${merit}, as broker ${before.leader} is fenced`;
  return leader === replicas[0] ? ': the preferred replica, which is in sync' : '';
}

function sameIds(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}

/** F7: losses are told with their exact offsets, again when more of them is known. */
function lossNews(before: MetadataImage, after: MetadataImage): News[] {
  if (before.uncleanElections === after.uncleanElections) return [];
  // Who else reports the same is no news.
  const told = (image: MetadataImage) =>
    lossesOf(image).losses.map(({ reportedBy: _, ...loss }): [string, typeof loss] => [
      JSON.stringify(loss),
      loss,
    ]);
  const known = new Map(told(before));
  return told(after)
    .filter(([text]) => !known.has(text))
    .map(([, loss]) => loss)
    .map(({ topic, partition, leaderEpoch, fromOffset, toOffset, records }) => {
      const range = toOffset === null ? `from ${fromOffset} on` : `${fromOffset} to ${toOffset - 1}`;
      const count = records === null ? '' : ` (${countedText(records, 'record')})`;
      const name = `${topic}-${partition}`;
      const text = `${name}: offsets ${range}${count} are lost to the unclean election of epoch ${leaderEpoch}`;
      return { level: 'error', event: 'records lost', text, rule: 'F7', partition: name };
    });
}

function settingNews(before: MetadataImage, after: MetadataImage): News[] {
  if (before.configs === after.configs) return [];
  const news: News[] = [];
  for (const resource of new Set([...before.configs.keys(), ...after.configs.keys()])) {
    const [was, is] = [before.configs.get(resource), after.configs.get(resource)];
    // A topic that is made or deleted with its settings is told as such.
    if (was === is || isOfAnotherTopic(resource, before, after)) continue;
    for (const name of new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])) {
      const [from, to] = [was?.get(name), is?.get(name)];
      if (from === to) continue;
      const text = `${resourceText(resource)}: ${name} is ${to ?? 'not set any more'}`;
      news.push({ level: 'info', event: 'setting changed', text });
    }
  }
  return news;
}

function isOfAnotherTopic(resource: string, before: MetadataImage, after: MetadataImage): boolean {
  const prefix = configResource('topic', '');
  if (!resource.startsWith(prefix)) return false;
  const name = resource.slice(prefix.length);
  return !before.topicIds.has(name) || before.topicIds.get(name) !== after.topicIds.get(name);
}

/** `topic:laser`, `broker:3`, `broker:` for all. */
function resourceText(resource: string): string {
  return resource === configResource('broker', '') ? 'all brokers' : resource.replace(':', ' ');
}
