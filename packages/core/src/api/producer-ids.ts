// InitProducerId: ids for idempotent producers, from blocks that the controller never gives twice (P1, S47).

import type { ClientResponse, PeerResponse } from '@odradek/model';

type Response = ClientResponse<'initProducerId'>;

/** Asks the controller for a block; undefined when none could be had. */
export type AllocateBlock = (done: (block: PeerResponse<'allocateProducerIds'> | undefined) => void) => void;

/** The ids of one broker. */
export class ProducerIds {
  private readonly allocate: AllocateBlock;
  private next = 0;
  private end = 0;
  private waiting: ((response: Response) => void)[] = [];

  constructor(allocate: AllocateBlock) {
    this.allocate = allocate;
  }

  /** Gives an id that nobody else has or had. */
  give(answer: (response: Response) => void): void {
    this.waiting.push(answer);
    if (this.next < this.end) this.serve();
    else if (this.waiting.length === 1) this.fill();
  }

  private fill(): void {
    this.allocate((block) => {
      if (block === undefined || block.error !== 'NONE' || block.count <= 0) {
        const failed = this.waiting;
        this.waiting = [];
        // What the controller says of this broker's registration, or of itself, passes; to a producer it would be final.
        const error = 'COORDINATOR_NOT_AVAILABLE';
        const why =
          block === undefined ? 'no active controller answered' : `the controller says ${block.error}`;
        const errorMessage = `no producer id can be had yet: ${why}`;
        for (const answer of failed) answer({ error, errorMessage, producerId: -1, producerEpoch: -1 });
        return;
      }
      this.next = block.firstProducerId;
      this.end = block.firstProducerId + block.count;
      this.serve();
    });
  }

  private serve(): void {
    while (this.next < this.end) {
      const answer = this.waiting.shift();
      if (answer === undefined) return;
      const producerId = this.next;
      this.next += 1;
      answer({ error: 'NONE', errorMessage: null, producerId, producerEpoch: 0 });
    }
    if (this.waiting.length > 0) this.fill();
  }
}
