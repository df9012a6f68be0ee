// What may be wanted later is fetched while it can be: the broker that serves the page may be killed by a click in it, as likely as not, and
// whoever has opened it from a folder of files may go where there is no net.

import { clusterWorker } from '../tab/tab-source.ts';

/** The drawings, what lays out machines that nobody knows, and the scenes' cluster: some 700 kB, one after the other. */
export async function fetchFromBroker(): Promise<void> {
  try {
    await import('../charts/known-drawings.ts');
    await keep(clusterWorker);
    const { layoutWorker } = await import('../charts/lay-out.ts');
    await keep(layoutWorker);
  } catch {
    // Whoever wants it asks for it again, and is told what is wrong then.
  }
}

/** What the views of a cluster in the tab need that runs already. */
export async function fetchFromFiles(): Promise<void> {
  try {
    await import('../charts/known-drawings.ts');
  } catch {
    // As above.
  }
}

/** A browser keeps what it has fetched, as brokers allow it to for ever, and starts workers from that. */
async function keep(program: URL): Promise<void> {
  await (await fetch(program, { priority: 'low' })).arrayBuffer();
}
