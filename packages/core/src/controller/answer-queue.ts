// Answers that wait until what they rest on is committed (C1), in the order in which they were decided.

import type { Offset } from '@odradek/model';
import type { Question } from './questions.ts';

interface Waiting {
  readonly offset: Offset;
  readonly question: Question;
  readonly deliver: () => void;
}

/** A queue by offset; offsets never fall. */
export class AnswerQueue {
  private waiting: Waiting[] = [];

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** `deliver` is called once everything up to `offset` is committed. */
  add(offset: Offset, question: Question, deliver: () => void): void {
    this.waiting.push({ offset, question, deliver });
  }

  release(committedOffset: Offset): void {
    const open = this.waiting.findIndex((one) => one.offset > committedOffset);
    const ready = this.waiting.splice(0, open < 0 ? this.waiting.length : open);
    for (const { deliver } of ready) deliver();
  }

  /** Empties the queue; what was asked is given back, to be refused. */
  take(): readonly Question[] {
    const questions = this.waiting.map((one) => one.question);
    this.waiting = [];
    return questions;
  }
}
