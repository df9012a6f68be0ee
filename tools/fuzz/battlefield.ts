// The topics of an attacked cluster. Nobody is told apart from another client yet: a hostile one makes topics and deletes them by right.

import { type Client, OdradekError } from '@odradek/client';

/** An honest client's, whose name no hostile frame has. */
export const LEDGER = 'ledger';
export const ATTACKED = 'attacked';

const TIDY_MS = 2000;

export class Battlefield {
  readonly #client: Client;
  readonly #timer: NodeJS.Timeout;
  #tidying: Promise<void> = Promise.resolve();
  /** Topics of attackers that were deleted. */
  swept = 0;

  /** Makes the topics; from then on what attackers have made is deleted, and what they have deleted is made again. */
  static async make(client: Client): Promise<Battlefield> {
    const admin = client.admin();
    await admin.createTopic({ name: LEDGER, assignment: [[1, 2, 3]] });
    await makeAttacked(client);
    return new Battlefield(client);
  }

  private constructor(client: Client) {
    this.#client = client;
    this.#timer = setInterval(() => {
      // In the middle of an attack a command may come to nothing; the next one will not.
      this.#tidying = this.#tidying.then(() => this.#tidy()).catch(ifNotOfCluster);
    }, TIDY_MS);
  }

  /** What attackers have made is gone, or it would be taken for what is left of their frames. */
  async clear(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tidying;
    await this.#tidy();
  }

  async #tidy(): Promise<void> {
    const admin = this.#client.admin();
    const names = (await admin.listTopics()).map(({ name }) => name);
    for (const name of names.filter((one) => one !== LEDGER && one !== ATTACKED)) {
      await admin.deleteTopic(name);
      this.swept += 1;
    }
    if (!names.includes(ATTACKED)) await makeAttacked(this.#client);
  }
}

async function makeAttacked(client: Client): Promise<void> {
  await client.admin().createTopic({ name: ATTACKED, assignment: [[2, 1, 3]] });
}

function ifNotOfCluster(error: unknown): void {
  if (!(error instanceof OdradekError)) throw error;
}
