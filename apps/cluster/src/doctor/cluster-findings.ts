// What is wrong between the nodes of a running cluster: addresses that lead nowhere, clocks apart, versions apart.

import { isIP } from 'node:net';
import type { Endpoint } from '../arguments.ts';
import type { Asked, NodeWord } from './ask-node.ts';
import type { Finding } from './finding.ts';

/** A broker as it is registered, and what came of asking it there. */
export interface AskedBroker {
  readonly id: number;
  readonly state: string;
  readonly address: Endpoint;
  readonly asked: Asked;
}

export interface AskedCluster {
  readonly clusterId: string;
  readonly brokers: readonly AskedBroker[];
  /** Where the cluster was reached first. */
  readonly reachedAt: Endpoint;
}

const clockNoteMs = 500;
const clockWrongMs = 5000;

export function clusterFindings(cluster: AskedCluster): readonly Finding[] {
  const words = cluster.brokers.flatMap(({ asked }) => ('word' in asked ? [asked.word] : []));
  return [
    ...cluster.brokers.map((broker) => address(cluster, broker)),
    ...words.flatMap(readiness),
    ...clocks(words),
    ...versions(words),
    ...words.flatMap(openFiles),
  ];
}

/** Clients are told this address: it must lead to this broker, from here and from elsewhere. */
function address({ clusterId, brokers, reachedAt }: AskedCluster, broker: AskedBroker): Finding {
  const { id, state, asked } = broker;
  const check = `broker ${id}`;
  const at = endpointText(broker.address);
  if (isLoopback(broker.address.host) && !isLoopback(reachedAt.host))
    return {
      check,
      ok: false,
      found: `it is registered at ${at}, which every client takes for its own machine: set advertised.listeners to an address that others reach`,
    };
  if ('problem' in asked) {
    if (state === 'fenced')
      return { check, ok: true, isNote: true, found: `${at}: ${asked.problem}; it is fenced` };
    return {
      check,
      ok: false,
      found: `it is registered at ${at}, and from here ${asked.problem}: see its listeners and advertised.listeners, and what is between`,
    };
  }
  const { word } = asked;
  if (word.clusterId !== clusterId)
    return { check, ok: false, found: `at ${at} is a node of another cluster, ${word.clusterId}` };
  if (word.node !== id) {
    const shared = brokers.filter((other) => endpointText(other.address) === at).map((other) => other.id);
    const why =
      shared.length > 1
        ? `brokers ${shared.join(' and ')} have one address: advertised.listeners`
        : 'see advertised.listeners';
    return { check, ok: false, found: `at ${at} is broker ${word.node}: ${why}` };
  }
  return { check, ok: true, found: `${at}, ${state}` };
}

/** What the node itself says of its disk, its logs and its registration: it may run, and be unfenced, all the same (D6). */
function readiness({ node, unmet }: NodeWord): Finding[] {
  return unmet.map((found) => ({ check: `broker ${node}`, ok: false, found }));
}

/** Record timestamps and retention go by the brokers' clocks. */
function clocks(words: readonly NodeWord[]): Finding[] {
  if (words.length === 0) return [];
  const sorted = words.toSorted((one, other) => one.clockAheadMs - other.clockAheadMs);
  const [behind, ahead] = [sorted[0], sorted.at(-1)];
  if (behind === undefined || ahead === undefined) return [];
  const apartMs = ahead.clockAheadMs - behind.clockAheadMs;
  const errorMs = ahead.clockErrorMs + behind.clockErrorMs;
  const check = 'clocks';
  if (apartMs - errorMs < clockNoteMs)
    return [{ check, ok: true, found: `at most ${Math.max(0, Math.round(apartMs))} ms apart` }];
  const found = `that of broker ${ahead.node} is ${(apartMs / 1000).toFixed(1)} s ahead of that of broker ${behind.node}: timestamps and retention go by them; run NTP`;
  const isWrong = apartMs - errorMs >= clockWrongMs;
  return [{ check, ok: !isWrong, isNote: !isWrong, found }];
}

function versions(words: readonly NodeWord[]): Finding[] {
  if (words.length === 0) return [];
  const byVersion = new Map<string, number[]>();
  for (const { version, node } of words) byVersion.set(version, [...(byVersion.get(version) ?? []), node]);
  const program: Finding =
    byVersion.size === 1
      ? { check: 'version', ok: true, found: words[0]?.version ?? '' }
      : {
          check: 'version',
          ok: true,
          isNote: true,
          found: [...byVersion].map(([version, nodes]) => `${version} on ${nodes.join(', ')}`).join('; '),
        };
  const level = Math.max(...words.map(({ metadataVersion }) => metadataVersion));
  const most = Math.min(...words.map(({ supportedMetadataVersion }) => supportedMetadataVersion));
  const check = 'metadata level';
  if (most < level)
    return [program, { check, ok: false, found: `${level}, and a node knows ${most} at most` }];
  const found = most > level ? `${level}; all know ${most}` : `${level}`;
  return [program, { check, ok: true, isNote: most > level, found }];
}

function openFiles({ node, openFiles: open, maxOpenFiles: most }: NodeWord): Finding[] {
  if (open === undefined || most === undefined || open < 0.8 * most) return [];
  return [
    {
      check: `broker ${node}`,
      ok: false,
      found: `${open} of ${most} files are open: raise ulimit -n before it can open no more`,
    },
  ];
}

function endpointText({ host, port }: Endpoint): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host === '::1' || host === '::' || host === '0.0.0.0' || host.startsWith('127.')
  );
}
