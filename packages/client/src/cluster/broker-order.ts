// Whom to ask what any broker can answer. A broker that is cut off from its peers may still answer its clients, for as long as
// the cut lasts, with what it knew before: who told nothing new is asked after the others, and who did not answer after those.

import type { Address } from '@odradek/wire';
import { addressText } from './cluster-image.ts';

export class BrokerOrder {
  #answered: Address | undefined;
  #toldNews = false;
  readonly #silent = new Set<string>();

  /** A broker told what it knows of the cluster. `isNews`: some of it was not known. */
  told(address: Address, isNews: boolean): void {
    this.#answered = address;
    this.#toldNews = isNews;
  }

  /** A broker answered something, or did not. */
  heard(address: Address, hasAnswered: boolean): void {
    if (hasAnswered) this.#silent.delete(addressText(address));
    else this.#silent.add(addressText(address));
  }

  /** Each broker once: those that are known in turn, from the one that told something new last, then those we began with. */
  inOrder(known: readonly Address[], bootstrap: readonly Address[]): Address[] {
    const all = [...this.#inTurn(known), ...bootstrap].map((address): [string, Address] => [
      addressText(address),
      address,
    ]);
    const unique = [...new Map(all)];
    const isSilent = ([text]: (typeof unique)[number]): boolean => this.#silent.has(text);
    return [...unique.filter((one) => !isSilent(one)), ...unique.filter(isSilent)].map(([, one]) => one);
  }

  #inTurn(known: readonly Address[]): readonly Address[] {
    const answered = this.#answered;
    if (answered === undefined) return known;
    const place = known.findIndex((address) => addressText(address) === addressText(answered));
    // It may be one of them under another name.
    if (place < 0) return this.#toldNews ? [answered, ...known] : [...known, answered];
    const first = this.#toldNews ? place : place + 1;
    return [...known.slice(first), ...known.slice(0, first)];
  }
}
