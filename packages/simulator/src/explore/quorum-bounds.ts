// A state of the explored quorum, and how much may happen in it.

/** How much may happen. */
export interface QuorumBounds {
  readonly voters: number;
  /** The highest epoch: as many elections may be won or lost. */
  readonly maxEpoch: number;
  /** How many timers fire: those of elections, of a leader that hears nobody, and of voters told once more. */
  readonly timeouts: number;
  readonly crashes: number;
  /** A crash takes the power, and with it what was not flushed. */
  readonly losesPower: boolean;
  /** How many connections break, with all that is on them. */
  readonly lostConnections: number;
  /** Records that are appended by a leader beside its own first one. */
  readonly records: number;
  /** Messages of one asker to one peer, or of answers back; with one more the oldest is lost. */
  readonly inFlight: number;
  /**
   * `message`: each message arrives, and each disk is done, in a step of its own. `exchange`: a request that arrives is answered, and the
   * answer has arrived, in one step.
   */
  readonly grain: 'message' | 'exchange';
  readonly recordsPerFetch: number;
}

/** One state: numbers of interned values. */
export interface QuorumWorld {
  readonly members: readonly number[];
  /** By asker and peer: messages on their way, the oldest first. */
  readonly requests: readonly (readonly number[])[];
  /** By asker and peer: answers on their way back. */
  readonly answers: readonly (readonly number[])[];
  readonly ghost: number;
  readonly timeoutsLeft: number;
  readonly crashesLeft: number;
  readonly lossesLeft: number;
  readonly recordsLeft: number;
}
