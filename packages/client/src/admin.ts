// The admin's public face: one request and its answer each. Any broker takes it.

import { uuidText } from '@odradek/format';
import type { ClientApi, ClientRequest, ClientResponse } from '@odradek/model';
import { isAdminApi } from '@odradek/model';
import type { Address } from '@odradek/wire';
import { MOST_METADATA_WAIT_MS, unreachable } from './cluster/cluster.ts';
import { addressText } from './cluster/cluster-image.ts';
import { type Reply, wasNotSent } from './connection/connection.ts';
import { errorNamed, isRetriable, OdradekError, type Outcome } from './errors.ts';
import type { FacePorts } from './face-ports.ts';
import type { Admin, TopicDescription } from './types.ts';

interface Told {
  readonly error: string;
  readonly errorMessage: string | null;
}

type Ask = <Api extends ClientApi>(
  request: ClientRequest<Api>,
  about: string,
) => Promise<ClientResponse<Api>>;

/** An election is over in less than a second; who has waited longer waits for a person, who is to hear of it. */
const MOST_QUORUM_WAIT_MS = 5000;

export function createAdmin(ports: FacePorts): Admin {
  const ask: Ask = (request, about) => new Question(ports, request, about).answer();
  // A broker is given a little less than the client waits, so that its own answer arrives.
  const timeoutMs = Math.max(Math.floor(ports.cluster.options.requestTimeoutMs) - 500, 1);
  const newId = (): string => uuidText(ports.cluster.random.bytes(16));
  return { ...changing(ask, timeoutMs, newId), ...looking(ask) };
}

type Looking = Pick<
  Admin,
  | 'listTopics'
  | 'describeTopic'
  | 'clusterStatus'
  | 'describeConfigs'
  | 'describeDynamicConfig'
  | 'explainPartition'
>;

/** `newId`: names one command, so that it can be asked for again when its answer was lost. */
function changing(ask: Ask, timeoutMs: number, newId: () => string): Omit<Admin, keyof Looking> {
  return {
    async createTopic({ name, partitions, replicationFactor, assignment, config, validateOnly }) {
      const topic = {
        name,
        partitions: partitions ?? -1,
        replicationFactor: replicationFactor ?? -1,
        assignment: assignment ?? [],
        config: settings(config ?? {}),
      };
      const body = { timeoutMs, validateOnly: validateOnly ?? false, topics: [topic], requestId: newId() };
      const { topics } = await ask<'createTopics'>({ api: 'createTopics', body }, `topic ${name}`);
      const { error: _, errorMessage: __, ...created } = only(topics, `topic ${name}`);
      return created;
    },
    async deleteTopic(name) {
      const request = { api: 'deleteTopics', body: { timeoutMs, names: [name] } } as const;
      only((await ask<'deleteTopics'>(request, `topic ${name}`)).topics, `topic ${name}`);
    },
    async createPartitions(name, count, assignment = []) {
      const topics = [{ name, count, assignment }];
      const request = { api: 'createPartitions', body: { timeoutMs, topics } } as const;
      only((await ask<'createPartitions'>(request, `topic ${name}`)).topics, `topic ${name}`);
    },
    async alterConfig(topic, changes) {
      const body = { timeoutMs, topic, changes: settings(changes), broker: -1 };
      const about = topic === null ? 'all brokers' : `topic ${topic}`;
      await ask<'alterConfigs'>({ api: 'alterConfigs', body }, about);
    },
    async alterBrokerConfig(broker, changes) {
      const body = { timeoutMs, topic: null, changes: settings(changes), broker };
      await ask<'alterConfigs'>({ api: 'alterConfigs', body }, `broker ${broker}`);
    },
    async electLeaders(kind, partitions) {
      const request = { api: 'electLeaders', body: { timeoutMs, kind, partitions } } as const;
      const answer = await ask<'electLeaders'>(request, 'the election');
      return answer.partitions.map(({ error, errorMessage, topic, partition, leader }) => ({
        topic,
        partition,
        leader,
        error: error === 'NONE' ? undefined : errorNamed(error, errorMessage, `${topic}-${partition}`),
      }));
    },
  };
}

function looking(ask: Ask): Looking {
  return {
    async listTopics() {
      const { topics } = await ask<'metadata'>({ api: 'metadata', body: { topics: null } }, 'the topics');
      return topics.map(({ error: _, errorMessage: __, ...topic }) => topic);
    },
    async describeTopic(name): Promise<TopicDescription> {
      const request = { api: 'describeTopic', body: { name } } as const;
      const { error: _, errorMessage: __, ...topic } = await ask<'describeTopic'>(request, `topic ${name}`);
      return { ...topic, config: Object.fromEntries(topic.config.map(({ name, value }) => [name, value])) };
    },
    async clusterStatus() {
      const request = { api: 'clusterStatus', body: {} } as const;
      const { error: _, errorMessage, ...status } = await ask<'clusterStatus'>(request, 'the cluster');
      return { ...status, noQuorum: errorMessage };
    },
    async explainPartition({ topic, partition }) {
      const request = { api: 'explainPartition', body: { topic, partition } } as const;
      const about = `partition ${topic}-${partition}`;
      const { error: _, errorMessage: __, ...told } = await ask<'explainPartition'>(request, about);
      return told;
    },
    async describeConfigs(topic) {
      const request = { api: 'describeConfigs', body: { topic } } as const;
      return (await ask<'describeConfigs'>(request, topic === null ? 'all brokers' : `topic ${topic}`))
        .entries;
    },
    async describeDynamicConfig() {
      const request = { api: 'describeConfigs', body: { topic: null } } as const;
      const { entries, dynamic } = await ask<'describeConfigs'>(request, 'all brokers');
      return { entries, dynamic };
    },
  };
}

function settings(config: Readonly<Record<string, string | null>>) {
  return Object.entries(config).map(([name, value]) => ({ name, value }));
}

/** The answer about the one thing that was asked for; throws what it refuses. */
function only<T extends Told>(answers: readonly T[], about: string): T {
  const [answer] = answers;
  if (answer === undefined)
    throw new OdradekError('UNKNOWN_SERVER_ERROR', `${about}: the answer leaves it out`);
  if (answer.error !== 'NONE') throw errorNamed(answer.error, answer.errorMessage, about);
  return answer;
}

/** The outcome that every answer begins with; the compiler cannot see it through the name of an API that is not fixed. */
function toldBy(answer: unknown): Told | undefined {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  const message = 'errorMessage' in answer ? answer.errorMessage : null;
  return { error: String(answer.error), errorMessage: typeof message === 'string' ? message : null };
}

/** One question, put to one broker after another until one answers; again while the answer is only about the moment. */
class Question<Api extends ClientApi> {
  readonly #ports: FacePorts;
  readonly #request: ClientRequest<Api>;
  readonly #about: string;
  readonly #deadlineMs: number;
  readonly #noQuorumAfterMs: number;
  /** What a broker answered last. */
  #refusal: OdradekError | undefined;
  /** That an answer was lost: what is not known to be done is not known to be refused either. */
  #lost: OdradekError | undefined;

  constructor(ports: FacePorts, request: ClientRequest<Api>, about: string) {
    this.#ports = ports;
    this.#request = request;
    this.#about = about;
    const { requestTimeoutMs } = ports.cluster.options;
    this.#deadlineMs = this.#nowMs + requestTimeoutMs;
    this.#noQuorumAfterMs = this.#nowMs + Math.min(requestTimeoutMs, MOST_QUORUM_WAIT_MS);
  }

  get #nowMs(): number {
    return this.#ports.cluster.clock.nowMs();
  }

  async answer(): Promise<ClientResponse<Api>> {
    // Who is silent is known then, and asked last: a paused broker would take a command's whole time, and leave its outcome unknown.
    await this.#known();
    for (let attempts = 1; ; attempts++) {
      const answer = await this.#askAll(attempts - 1);
      const told = toldBy(answer);
      if (told === undefined || told.error === 'NONE') return answer;
      const error = errorNamed(told.error, told.errorMessage, this.#about, outcomeOf(told.error));
      if (!this.#mayAskAgain(error)) throw error;
      if (error.outcome === 'unknown') this.#lost = error;
      if (this.#nowMs >= this.#noQuorumAfterMs) throw this.#lost ?? error;
      this.#refusal = error;
      await later(this.#ports, this.#ports.cluster.backOffMs(attempts));
    }
  }

  /** The first answer of any broker; `turn` counts the rounds: each begins with another one, the last may be cut off from its peers. */
  async #askAll(turn: number): Promise<ClientResponse<Api>> {
    const failures: string[] = [];
    const brokers = this.#ports.cluster.anyBroker();
    const first = turn % brokers.length;
    for (const address of [...brokers.slice(first), ...brokers.slice(0, first)]) {
      const leftMs = this.#deadlineMs - this.#nowMs;
      if (leftMs <= 0) throw this.#lost ?? this.#refusal ?? this.#timeout(failures);
      const reply = await this.#ask(address, leftMs);
      if (reply.outcome === 'answered') return reply.response;
      if (reply.outcome === 'refused') {
        if (!isRetriable(reply.error)) throw errorNamed(reply.error, reply.message, this.#about);
        failures.push(`${addressText(address)} (${reply.error}: ${reply.message})`);
        continue;
      }
      failures.push(`${addressText(address)} (${reply.reason}: ${reply.detail})`);
      if (wasNotSent(reply.reason) || !isAdminApi(this.#request.api)) continue;
      this.#lost = this.#unknown(failures, reply.reason);
      if (!this.#isNamed) throw this.#lost;
    }
    throw this.#lost ?? unreachable(failures);
  }

  /** A change that may have been made is not asked for twice, unless the controller can tell that it is the same one. */
  get #isNamed(): boolean {
    const { api } = this.#request;
    return api === 'createTopics';
  }

  #mayAskAgain(error: OdradekError): boolean {
    return isWorthAnotherTry(error) || (error.outcome === 'unknown' && this.#isNamed);
  }

  #known(): Promise<void> {
    const { cluster } = this.#ports;
    return new Promise((resolve) => cluster.whenKnown(MOST_METADATA_WAIT_MS, resolve));
  }

  #ask(address: Address, timeoutMs: number): Promise<Reply<Api>> {
    return new Promise((resolve) => this.#ports.cluster.askAt(address, this.#request, timeoutMs, resolve));
  }

  #unknown(failures: readonly string[], reason: string): OdradekError {
    const code = reason === 'timed out' ? 'TIMEOUT' : 'NETWORK_EXCEPTION';
    return new OdradekError(code, `${this.#about}: no answer from ${failures.join(', ')}`, {
      outcome: 'unknown',
      hint: 'it may have taken effect: look before you ask again',
    });
  }

  #timeout(failures: readonly string[]): OdradekError {
    const tried = failures.length === 0 ? '' : `; tried ${failures.join(', ')}`;
    return new OdradekError('TIMEOUT', `${this.#about}: no answer in time${tried}`);
  }
}

/** The broker has handed a command over, and nobody has told it what became of it. */
function outcomeOf(error: string): Outcome {
  return error === 'REQUEST_TIMED_OUT' ? 'unknown' : 'refused';
}

/** The controller is being elected, or the broker does not know it yet: nothing was done. */
function isWorthAnotherTry(error: OdradekError): boolean {
  return error.code === 'NOT_CONTROLLER' || error.code === 'LEADER_NOT_AVAILABLE';
}

function later({ cluster }: FacePorts, delayMs: number): Promise<void> {
  return new Promise((resolve) => cluster.clock.setTimeout(resolve, delayMs));
}
