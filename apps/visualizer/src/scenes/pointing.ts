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

function withData(name: string, value: string): string {
  return `[data-${name}="${CSS.escape(value)}"]`;
}

const sheet = new CSSStyleSheet();

/** Points at these places as long as the component is there. */
export function usePointing(anchors: readonly Anchor[]): void {
  useEffect(() => {
    const selectors = anchors.flatMap(selectorsOf).join(', ');
    const look = 'outline: 2px solid var(--accent); outline-offset: 4px; border-radius: var(--radius);';
    sheet.replaceSync(selectors === '' ? '' : `${selectors} { ${look} }`);
    if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
    return () => sheet.replaceSync('');
  }, [anchors]);
}
