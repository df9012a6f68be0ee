// A cluster of one's own, inside the tab.

import type { Console } from '../console/console.ts';
import { tabSource } from './tab-source.ts';

export function openTabCluster(console: Console): void {
  console.open(tabSource({ about: 'a cluster inside this tab' }));
}
