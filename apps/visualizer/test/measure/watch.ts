// Whether memory stays as it is while somebody watches for long: of the page and of each process of the cluster, each minute, after all
// that is garbage was collected.

import type { Browser, CDPSession } from 'playwright-core';
import { openPageOutsideTests } from '../browser/console-page.ts';
import { startCluster } from '../browser/running-cluster.ts';
import { megabytes, say, slope } from './figures.ts';
import { beginLoad } from './load.ts';
import { type NodeHeap, nodeHeap } from './node-heap.ts';

const minuteMs = 60_000;

export async function measureWatch(browser: Browser, minutes: number, perSecond: number): Promise<void> {
  const cluster = await startCluster({ NODE_OPTIONS: '--inspect=127.0.0.1:0' });
  const heaps: NodeHeap[] = [];
  try {
    cluster.odradek('topic', 'create', 'load', '--partitions', '3', '--replication-factor', '3');
    for (const inspector of cluster.inspectors) {
      const heap = await nodeHeap(inspector);
      if (heap !== undefined) heaps.push(heap);
    }
    // In an hour a busy machine may hold a broker up for longer than the page waits for a connection: it tries again, and the browser notes it.
    const lawful = { mayLoseSockets: true };
    const { page, end } = await openPageOutsideTests(browser, cluster.address(1), {}, lawful);
    await page.locator('[data-partition="load-0"]').waitFor();
    const session = await page.context().newCDPSession(page);
    const bootstrap = new URL(cluster.address(1)).host;
    const load = beginLoad({ bootstrap, topic: 'load', partitions: 3, valueBytes: 100, perSecond });
    const samples: Record<string, number[]> = {};
    for (let minute = 0; minute <= minutes; minute++) {
      const now = { page: await pageHeap(session) };
      for (const node of heaps) {
        const { heap, resident } = await node.used();
        Object.assign(now, { [node.name]: heap, [`${node.name} resident`]: resident });
      }
      for (const [name, bytes] of Object.entries(now)) samples[name] = [...(samples[name] ?? []), bytes];
      const position = (await page.locator('[data-fact="position"]').textContent())?.trim();
      say(
        `minute ${minute}: ${position}, ${load.acknowledged} records`,
        ...Object.entries(now).map(([name, bytes]) => `${name} ${megabytes(bytes)}`),
      );
      if (minute < minutes) await page.waitForTimeout(minuteMs);
    }
    for (const [name, bytes] of Object.entries(samples)) {
      const later = bytes.slice(Math.floor(bytes.length / 2));
      const [least, most] = [Math.min(...later), Math.max(...later)];
      say(
        `${name}, the second half`,
        `${megabytes(least)} to ${megabytes(most)}`,
        `${megabytes(slope(later) * 60)} more in an hour`,
      );
    }
    await load.end();
    await end();
  } finally {
    for (const heap of heaps) heap.close();
    await cluster.end();
  }
}

async function pageHeap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}
