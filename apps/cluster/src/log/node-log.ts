// The log of one node: what its machines do and order, what the cluster decides, what its connections meet; gathered, and handed to
// whoever writes lines.

import { type NodeMachines, nodeMachines, type Say } from '@odradek/core';
import { type News, sentenceOf, toldSteps } from '@odradek/trace';
import type { Entry } from './entry.ts';
import { Gathering } from './gathering.ts';

export class NodeLog {
  /** The node's machines that take few steps, each one that tells them. What the busy ones do is told by their orders, or not at all. */
  readonly machines: Partial<NodeMachines>;
  readonly #root: string;
  readonly #gathering: Gathering;
  /** Who else hears, and whether it wants to hear of single machines now. */
  readonly #listeners = new Map<(entry: Entry) => void, () => boolean>();

  /**
   * `root`: the path of the node, `broker-1`. `writesSteps`: whether what single machines do is written; else it is made into sentences
   * only while somebody listens who wants to know. A start with ten thousand partitions takes thirty thousand steps.
   */
  constructor(root: string, write: (entry: Entry) => void, { writesSteps = true } = {}) {
    this.#root = root;
    this.#gathering = new Gathering({
      write: (entry) => {
        write(entry);
        for (const listener of this.#listeners.keys()) listener(entry);
      },
      setTimeout,
    });
    const told = toldSteps({
      isWanted: () => writesSteps || this.#isStepWanted(),
      onStep: (step) => {
        const entry = sentenceOf(step);
        if (entry !== undefined) this.#gathering.add(entry);
      },
      onFailure: (error) =>
        this.add({ level: 'error', event: 'log failed', text: `a step could not be told: ${error}` }),
    });
    const { broker, controller, quorum, partition } = nodeMachines;
    this.machines = {
      broker: told(broker),
      controller: told(controller),
      quorum: told(quorum),
      partition: told(partition),
    };
  }

  /** What a machine of the node has ordered to be told. */
  readonly say: Say = (text, { actor, rule, level = 'warn' } = {}) =>
    this.add({
      ...{ level, event: 'told', text, isOfCluster: true },
      ...(actor === undefined ? {} : { actor: `${this.#root}/${actor}` }),
      ...(rule === undefined ? {} : { rule }),
    });

  /** What has changed in the cluster, told by the active controller. */
  readonly news = (news: News): void =>
    this.add({ ...news, actor: `${this.#root}/controller`, isOfCluster: true });

  /** A peer or a client was refused, or broke the rules. */
  readonly trouble = (connection: string, reason: string, from = connection): void =>
    this.add({
      ...{ level: 'warn', event: 'connection refused', rule: 'X13', isOfCluster: true },
      // Of connections that are no sessions yet: strangers' addresses are no kinds of their own.
      actor: `${this.#root}/${/^session-\d+$/.test(connection) ? connection : 'door'}`,
      text: `hung up on ${from}: ${reason}`,
    });

  add(entry: Omit<Entry, 'actor'> & { readonly actor?: string }): void {
    this.#gathering.add({ actor: this.#root, ...entry });
  }

  /** Somebody else hears what is written; of what single machines do only while it wants to. */
  listen(listener: (entry: Entry) => void, wantsSteps: () => boolean): void {
    this.#listeners.set(listener, wantsSteps);
  }

  #isStepWanted(): boolean {
    for (const wantsSteps of this.#listeners.values()) if (wantsSteps()) return true;
    return false;
  }

  /** Writes what was held back. */
  close(): void {
    this.#gathering.close();
  }
}
