import { expect, it } from 'vitest';
import { DirectorySyncs } from '../src/directory-syncs.ts';

/** Syncs that end when told; each tells its path. */
function bySteps() {
  const begun: string[] = [];
  const ends: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  const syncs = new DirectorySyncs((path) => {
    begun.push(path);
    return new Promise((resolve, reject) => ends.push({ resolve, reject }));
  });
  return { syncs, begun, ends };
}

it('D5: a name that came while its directory was being synced waits for another sync, which all such share', async () => {
  const { syncs, begun, ends } = bySteps();
  const order: string[] = [];
  const asked = ['first', 'second', 'third'].map((name) =>
    syncs.sync('root').then(() => void order.push(name)),
  );
  const other = syncs.sync('other');
  expect(begun).toEqual(['root', 'other']);
  ends[0]?.resolve();
  await asked[0];
  expect([order, begun]).toEqual([['first'], ['root', 'other', 'root']]);
  ends[1]?.resolve();
  ends[2]?.resolve();
  await Promise.all([...asked, other]);
  const last = syncs.sync('root');
  expect(begun).toEqual(['root', 'other', 'root', 'root']);
  ends[3]?.resolve();
  await last;
});

it('D3: a sync that fails is told to those who shared it, and to nobody who asked later', async () => {
  const { syncs, ends } = bySteps();
  const failed = syncs.sync('root');
  const next = syncs.sync('root');
  ends[0]?.reject(new Error('EIO'));
  await expect(failed).rejects.toThrow('EIO');
  ends[1]?.resolve();
  await next;
});
