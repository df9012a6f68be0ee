// What comes from all nodes is read a little in each frame that is drawn: the first picture of ten thousand partitions, told by three
// brokers, held the page up for seconds.

/** So long is read within one frame; what is left of it draws. */
const mostMs = 7;
const frameMs = 16;
/** What has waited for so long gives a frame a millisecond more: whoever is told more than this time is enough for falls behind no further. */
const lateMsForOneMore = 100;

export interface PaceOptions {
  readonly nowMs: () => number;
  /** Calls back before the next frame is drawn. */
  readonly nextFrame: (callback: () => void) => void;
  /** Not so of a page in the background: nobody is held up there. */
  readonly areFramesDrawn: () => boolean;
}

interface Waiting {
  readonly task: () => void;
  readonly sinceMs: number;
}

/** Does what it is given in order: at once while there is time, else in one of the next frames. */
export class Pace {
  readonly #options: PaceOptions;
  #waiting: Waiting[] = [];
  /** Whether somebody goes through what waits, now or in the next frame. */
  #isTaken = false;
  #frameMs = Number.NEGATIVE_INFINITY;
  #spentMs = 0;

  constructor(options: PaceOptions = ofBrowser) {
    this.#options = options;
  }

  run(task: () => void): void {
    this.#waiting.push({ task, sinceMs: this.#options.nowMs() });
    if (!this.#isTaken) this.#work();
  }

  #work(): void {
    this.#isTaken = true;
    let done = 0;
    try {
      for (const { task, sinceMs } of this.#waiting) {
        const beganMs = this.#options.nowMs();
        if (!this.#hasTime(beganMs, sinceMs)) break;
        done += 1;
        task();
        this.#spentMs += this.#options.nowMs() - beganMs;
      }
    } finally {
      this.#waiting = this.#waiting.slice(done);
      this.#isTaken = this.#waiting.length > 0;
      if (this.#isTaken) this.#options.nextFrame(() => this.#nextFrame());
    }
  }

  #nextFrame(): void {
    this.#frameMs = Number.NEGATIVE_INFINITY;
    this.#work();
  }

  #hasTime(nowMs: number, sinceMs: number): boolean {
    if (nowMs - this.#frameMs >= frameMs) {
      this.#frameMs = nowMs;
      this.#spentMs = 0;
    }
    return this.#spentMs < mostMs + (nowMs - sinceMs) / lateMsForOneMore || !this.#options.areFramesDrawn();
  }
}

const ofBrowser: PaceOptions = {
  nowMs: () => performance.now(),
  nextFrame(callback) {
    let isDone = false;
    const once = (): void => {
      if (!isDone) callback();
      isDone = true;
    };
    requestAnimationFrame(once);
    // A page that goes into the background meanwhile is given no frame.
    setTimeout(once, 10 * frameMs);
  },
  areFramesDrawn: () => document.visibilityState === 'visible',
};
