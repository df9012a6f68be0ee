// A sentence about something that happened, whoever tells it: a log, a viewer's timeline, a trace.

export type Level = 'info' | 'warn' | 'error';

/** What a step of a machine means to people. */
export interface Sentence {
  readonly level: Level;
  /** The path of the actor that took the step; the sentence's subject. */
  readonly actor: string;
  readonly event: string;
  /** Without its subject, which is the actor. */
  readonly text: string;
  readonly rule?: string;
  /** The states of the actor's machine. */
  readonly from: string;
  readonly to: string;
}
