// A cluster of the demo's own, in a temporary directory and on free ports, gone at the end.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, OdradekError } from '@odradek/client';
import type { Setting } from '../arguments.ts';
import { connect } from '../connect.ts';
import { type RunningCluster, runCluster } from '../up/run-cluster.ts';
import type { Narrator } from './narrator.ts';

export interface DemoCluster {
  readonly cluster: RunningCluster;
  readonly client: Client;
}

export interface DemoClusterOptions {
  readonly controllers: number;
  readonly set?: readonly Setting[];
  readonly narrator: Narrator;
}

/** Runs a story on a cluster of three brokers; whatever happens, its processes and its directory are gone afterwards. */
export async function withDemoCluster<T>(
  { controllers, set = [], narrator }: DemoClusterOptions,
  story: (demo: DemoCluster) => Promise<T>,
): Promise<T> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'odradek-demo-'));
  try {
    const cluster = await runCluster({
      dataDirectory,
      wanted: { brokers: 3, controllers, port: 0 },
      isMemory: false,
      watch: 'changes',
      set,
      program: process.argv[1] ?? '',
      onNews: (_file, id, text) => narrator.say(`node ${id}: ${text}`),
      onFrame: (frame) => narrator.frame(frame),
    });
    try {
      return await withClientOf(cluster, (client) => story({ cluster, client }));
    } finally {
      await cluster.stop();
    }
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

async function withClientOf<T>(cluster: RunningCluster, work: (client: Client) => Promise<T>): Promise<T> {
  const client = connect(cluster.file().nodes.filter((node) => node.roles.includes('broker')));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Looks again and again until something holds. Throws after `limitMs`, saying what was waited for. */
export async function until(what: string, holds: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  const startedAt = performance.now();
  // While a cluster changes, an answer may be that it is not known yet.
  while (!(await holds().catch(isNotYet))) {
    if (performance.now() - startedAt > limitMs)
      throw new Error(`waited ${limitMs / 1000} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}

const lookAgainMs = 25;

function isNotYet(error: unknown): false {
  if (error instanceof OdradekError) return false;
  throw error;
}
