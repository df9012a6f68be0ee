// Whether the other brokers know of a newer leader. One that was succeeded while it was paused or cut off does not know it, answers as
// before, and cannot be told from one that leads by anything it says itself.

import type { ClientResponse, NodeId } from '@odradek/model';
import type { Address } from '@odradek/wire';
import { addressText, type ClusterImage } from './cluster-image.ts';

export type MetadataAnswer = ClientResponse<'metadata'>;

export interface OpinionNeeds {
  readonly image: () => ClusterImage;
  readonly anyBroker: () => readonly Address[];
  /** Undefined: it does not answer. */
  readonly ask: (address: Address, done: (answer: MetadataAnswer | undefined) => void) => void;
  readonly adopt: (answer: MetadataAnswer) => void;
}

/** What each of the others has told; undefined: too few of them answer to know. */
export type Opinions = readonly MetadataAnswer[] | undefined;

/**
 * Asks every broker but `leader` who leads, and adopts what they say. They are enough if so many have told that, with the leader itself, they
 * are a majority of the brokers, or there are no others. Not before all have answered or failed: the first may be as unaware as the leader.
 */
export function askTheOthers(needs: OpinionNeeds, leader: NodeId, done: (told: Opinions) => void): void {
  const { brokers } = needs.image();
  const least = Math.floor(Math.max(brokers.size, 1) / 2);
  const own = brokers.get(leader);
  const others = needs
    .anyBroker()
    .filter((address) => own === undefined || addressText(address) !== addressText(own));
  const told = new Map<NodeId, MetadataAnswer>();
  let left = others.length;
  const conclude = (): void => done(told.size >= least ? [...told.values()] : undefined);
  if (left === 0) conclude();
  for (const address of others)
    needs.ask(address, (answer) => {
      // It may be the leader under another name.
      if (answer !== undefined && answer.answeredBy !== leader) {
        told.set(answer.answeredBy, answer);
        needs.adopt(answer);
      }
      left -= 1;
      if (left === 0) conclude();
    });
}
