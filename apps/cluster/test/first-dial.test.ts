import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { OneNode } from './support/one-node.ts';

const one = new OneNode();
let voter: Server | undefined;
afterEach(async () => {
  await one.end();
  voter?.close();
});

it('a node dials the voters as it starts, and not when it first has something to ask them', async () => {
  voter = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(voter, 'listening');
  const dialled = once(voter, 'connection');
  const address = voter.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  // It would stand for election within half an hour, and ask then.
  await one.start([address.port], { 'controller.quorum.election.timeout.ms': '3600000' });
  await dialled;
  expect(one.entries.filter(({ level }) => level === 'error')).toEqual([]);
});
