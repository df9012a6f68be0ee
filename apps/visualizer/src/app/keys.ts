// What keys do anywhere on the page, but where one writes.

import { carryOut } from '../break/carry-out.ts';
import type { Console } from '../console/console.ts';
import { isScrolled } from '../ui/scroll.tsx';
import { goTo, viewNames } from './routes.ts';

export const pageKeys: readonly (readonly [key: string, what: string])[] = [
  ['1 – 5', 'map, machines, story, topics, scenes'],
  ['space', 'pause, or play from the moment'],
  ['← →', 'one event back or on; with shift, ten'],
  ['n', 'back to now'],
  ['c', 'compare this moment with another'],
  ['h', 'heal everything that was broken'],
  ['?', 'this help'],
];

export function listenToKeys(console: Console, help: () => void): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target))
      return;
    const act = actionOf(event, console, help);
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

function actionOf({ key, shiftKey, target }: KeyboardEvent, console: Console, help: () => void) {
  const view = viewNames[Number(key) - 1];
  if (view !== undefined) return () => goTo(`#/${view}`);
  if (isScrolled(target) && (key === ' ' || key.startsWith('Arrow'))) return undefined;
  const steps = shiftKey ? 10 : 1;
  switch (key) {
    case ' ':
      // On a button the space key is the button's.
      if (target instanceof HTMLElement && target.closest('button, a, summary, select') !== null)
        return undefined;
      return () => (console.state.value.value.time === 'paused' ? console.play() : console.pause());
    case 'ArrowLeft':
      return () => console.step(-steps);
    case 'ArrowRight':
      return () => console.step(steps);
    case 'n':
      return () => console.follow();
    case 'c':
      return () => {
        console.compareWith(console.view.value.other === undefined ? console.view.value.position : null);
        goTo('#/story');
      };
    case 'h':
      return () => void carryOut(console, { do: 'heal' });
    case '?':
      return help;
    default:
      return undefined;
  }
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest('input, textarea, select, dialog, [role="slider"]') !== null;
}
