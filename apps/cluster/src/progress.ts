import type { Terminal } from './output.ts';

/** One line on the error stream that is drawn over and over while something takes long. */
export interface Progress {
  /** The text is asked for only when it is drawn. */
  show(text: () => string): void;
  clear(): void;
}

const redrawMs = 100;

/** Shows nothing unless a person watches. */
export function createProgress(terminal: Terminal): Progress {
  let drawnAt = performance.now();
  let isShown = false;
  return {
    show(text) {
      if (!terminal.isInteractive || performance.now() - drawnAt < redrawMs) return;
      drawnAt = performance.now();
      isShown = true;
      terminal.redraw(text());
    },
    clear() {
      if (isShown) terminal.redraw('');
    },
  };
}
