// A picture of ten thousand partitions is told in parts: read in one go it held a page up for most of a second, and its node while it was
// written. Each part is a message as any other, and the parts in their order say what the whole would.

import type { ActorsTold, ClusterTold, LiveMessage, ReplicasTold, TopicFacts } from './messages.ts';

/** So many facts a message has at most that can be told in parts, and a frame of several messages. */
export const mostFacts = 1000;

/** How much a message is: itself, and each thing that it tells of. */
export function factsIn(message: LiveMessage): number {
  switch (message.kind) {
    case 'step':
      return 1 + (message.orders?.reduce((sum, { sent = [] }) => sum + sent.length, 0) ?? 0);
    case 'values':
      return 1 + message.values.length;
    case 'actors':
      return 1 + message.actors.length;
    case 'replicas':
      return 1 + message.replicas.length;
    case 'counts':
      return 1 + message.edges.length + message.states.length;
    case 'messages':
      return 1 + message.sent.length;
    case 'cluster':
      return [...message.topics, ...(message.changed ?? [])].reduce(
        (sum, { partitions }) => sum + partitions.length,
        1 + message.brokers.length,
      );
    default:
      return 1;
  }
}

/** The message, or several in its place. */
export function partsOf(message: LiveMessage): readonly LiveMessage[] {
  if (factsIn(message) <= mostFacts) return [message];
  switch (message.kind) {
    case 'actors':
      return actorParts(message);
    case 'replicas':
      return replicaParts(message);
    case 'cluster':
      return message.all ? clusterParts(message) : [message];
    default:
      return [message];
  }
}

function actorParts(message: ActorsTold): ActorsTold[] {
  return slices(message.actors).map((actors, at) => ({ ...message, all: message.all && at === 0, actors }));
}

function replicaParts(message: ReplicasTold): ReplicasTold[] {
  return slices(message.replicas).map((replicas) => ({ ...message, replicas }));
}

/** The first says which topics there are; partitions follow as what has changed. */
function clusterParts(message: ClusterTold): ClusterTold[] {
  const { topics } = message;
  const first = { ...message, topics: topics.map((topic) => ({ ...topic, partitions: [] })) };
  const rest = slices(topics.flatMap((topic) => topic.partitions.map((facts) => ({ topic, facts }))));
  return [
    first,
    ...rest.map((slice): ClusterTold => {
      const byTopic = new Map<TopicFacts, TopicFacts['partitions'][number][]>();
      for (const { topic, facts } of slice) {
        const known = byTopic.get(topic);
        if (known === undefined) byTopic.set(topic, [facts]);
        else known.push(facts);
      }
      const changed = [...byTopic].map(([topic, partitions]): TopicFacts => ({ ...topic, partitions }));
      return { ...message, all: false, topics: [], deletedTopics: [], changed };
    }),
  ];
}

function slices<One>(all: readonly One[]): (readonly One[])[] {
  const made: (readonly One[])[] = [];
  for (let from = 0; from < all.length; from += mostFacts) made.push(all.slice(from, from + mostFacts));
  return made;
}
