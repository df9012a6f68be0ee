// Points at the places that a moment speaks about, wherever the page shows them: by a style of its own, so that what draws a place need
// not know of scenes.

import { useEffect } from 'preact/hooks';
import type { Anchor } from './scene.ts';

/** What of the page stands for a place. */
export function selectorsOf(anchor: Anchor): readonly string[] {
  if ('broker' in anchor) return [withData('node', `${anchor.broker}`)];
  if ('partition' in anchor) return [withData('partition', anchor.partition)];
  if ('replica' in anchor)
    return [withData('replica', `${anchor.replica.broker}/${anchor.replica.partition}`)];
  const [, id = '', partition = ''] = /^(?:broker|controller)-(\d+)\/([^/]+)/.exec(anchor.actor) ?? [];
  const own = withData('actor', anchor.actor);
  return /-\d+$/.test(partition)
    ? [own, withData('replica', `${id}/${partition}`)]
    : [own, withData('node', id)];
}

/** The states in charts that stand for a place. */
export function chartSelectorsOf(anchor: Anchor): readonly string[] {
  if (!('actor' in anchor) || anchor.state === undefined) return [];
  const last = anchor.actor.slice(anchor.actor.lastIndexOf('/') + 1);
  const machines = /-\d+$/.test(last) ? ['partition'] : (machinesCalled[last] ?? [last]);
  const box = withData('box', anchor.state);
  return machines.map((machine) => `[aria-label="The machine ${machine}"] ${box}`);
}

/** Actors that are called otherwise than their machines. */
const machinesCalled: Readonly<Record<string, readonly string[]>> = {
  replica: ['leader-replica', 'follower-replica'],
};

function withData(name: string, value: string): string {
  return `[data-${name}="${CSS.escape(value)}"]`;
}

const sheet = new CSSStyleSheet();

/** Points at these places as long as the component is there. */
export function usePointing(anchors: readonly Anchor[]): void {
  useEffect(() => {
    const selectors = anchors.flatMap(selectorsOf).join(', ');
    const look = 'outline: 2px solid var(--accent); outline-offset: 4px; border-radius: var(--radius);';
    const boxes = anchors.flatMap(chartSelectorsOf).join(', ');
    sheet.replaceSync(
      [
        ...(selectors === '' ? [] : [`${selectors} { ${look} }`]),
        ...(boxes === '' ? [] : [`${boxes} { filter: drop-shadow(0 0 4px var(--accent)); }`]),
      ].join('\n'),
    );
    if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
    return () => sheet.replaceSync('');
  }, [anchors]);
}
