// What the console's own machine does, told to a world of its own: this page can be looked at like a broker.

import { chartOf, type LiveMessage, stateText, transitionObserver, type World } from '@odradek/trace';
import type { InspectionEvent } from 'xstate';
import { consoleMachine } from './console.machine.ts';

/** An observer that tells `world` what the console's machine does; `changed` is called after each step. */
export function tellOfConsole(world: World, changed: () => void): (event: InspectionEvent) => void {
  const told = (message: LiveMessage): void => {
    world.apply(message, 'this page');
    changed();
  };
  told({ kind: 'machine', chart: chartOf(consoleMachine) });
  return transitionObserver({
    nowMs: () => performance.now(),
    // Time that passes is a step for each frame, which would hide all others.
    onFrame: (frame) => {
      if (frame.edges.length > 0 || stateText(frame.value) !== frame.from) told({ kind: 'step', ...frame });
    },
    onFailure: (error) => {
      throw error;
    },
  });
}
