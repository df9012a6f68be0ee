import { describe, expect, it } from 'vitest';
import type { NodeWord } from '../../src/doctor/ask-node.ts';
import { type AskedBroker, clusterFindings } from '../../src/doctor/cluster-findings.ts';

function broker(id: number, more: Partial<NodeWord> = {}, host = `10.0.0.${id}`): AskedBroker {
  const word: NodeWord = {
    ...{ node: id, clusterId: 'ours', version: '0.1.0', clockAheadMs: 0, clockErrorMs: 1 },
    ...{ metadataVersion: 1, supportedMetadataVersion: 1, openFiles: 50, maxOpenFiles: 1024, unmet: [] },
    ...more,
  };
  return { id, state: 'running', address: { host, port: 9092 }, asked: { word } };
}

function gone(id: number, state: string): AskedBroker {
  return { ...broker(id), state, asked: { problem: 'nobody listens there' } };
}

function findings(brokers: readonly AskedBroker[], host = '10.0.0.1') {
  return clusterFindings({ clusterId: 'ours', reachedAt: { host, port: 9092 }, brokers }).map(
    ({ check, ok, isNote, found }) =>
      `${ok ? (isNote === true ? 'note' : 'ok') : 'WRONG'} ${check}: ${found}`,
  );
}

const wrong = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('ok'));

describe('what is wrong between the nodes of a cluster', () => {
  it('nothing, where each broker answers at its address, with one clock and one version', () => {
    expect(findings([broker(1), broker(2)])).toEqual([
      'ok broker 1: 10.0.0.1:9092, running',
      'ok broker 2: 10.0.0.2:9092, running',
      'ok clocks: at most 0 ms apart',
      'ok version: 0.1.0',
      'ok metadata level: 1',
    ]);
  });

  it('an address that leads nowhere; of a fenced broker that is no wonder', () => {
    expect(wrong(findings([broker(1), gone(2, 'running'), gone(3, 'fenced')]))).toEqual([
      'WRONG broker 2: it is registered at 10.0.0.2:9092, and from here nobody listens there: see its listeners and advertised.listeners, and what is between',
      'note broker 3: 10.0.0.3:9092: nobody listens there; it is fenced',
    ]);
  });

  it('D6 a node that runs and is not well says so itself', () => {
    expect(
      wrong(findings([broker(1, { unmet: ['metadata-log: what is new cannot be written'] }), broker(2)])),
    ).toEqual(['WRONG broker 1: metadata-log: what is new cannot be written']);
  });

  it('loopback, registered by a broker of another machine', () => {
    expect(wrong(findings([broker(1), broker(2, {}, '127.0.0.1')]))[0]).toMatch(
      /^WRONG broker 2: it is registered at 127.0.0.1:9092, which every client takes for its own machine: set advertised.listeners/,
    );
    expect(wrong(findings([broker(1, {}, '127.0.0.1')], 'localhost'))).toEqual([]);
  });

  it('an address at which another broker answers, or one of another cluster', () => {
    const shared = [broker(1, {}, '10.0.0.9'), broker(2, { node: 1 }, '10.0.0.9')];
    expect(wrong(findings(shared))).toEqual([
      'WRONG broker 2: at 10.0.0.9:9092 is broker 1: brokers 1 and 2 have one address: advertised.listeners',
    ]);
    expect(wrong(findings([broker(1, { clusterId: 'theirs' })]))[0]).toContain('of another cluster, theirs');
  });

  it('clocks apart: a little is a note, much is wrong, and what the question took is no difference', () => {
    const apart = (clockAheadMs: number, clockErrorMs = 1) =>
      wrong(findings([broker(1), broker(2, { clockAheadMs, clockErrorMs })]));
    expect(apart(300)).toEqual([]);
    expect(apart(-2000)[0]).toMatch(/^note clocks: that of broker 1 is 2.0 s ahead of that of broker 2/);
    expect(apart(60_000)[0]).toMatch(/^WRONG clocks: that of broker 2 is 60.0 s ahead/);
    expect(apart(60_000, 59_900)).toEqual([]);
  });

  it('versions apart, a level that a node does not know, one that may be raised', () => {
    expect(wrong(findings([broker(1), broker(2, { version: '0.2.0' })]))).toEqual([
      'note version: 0.1.0 on 1; 0.2.0 on 2',
    ]);
    const levels = (metadataVersion: number, supportedMetadataVersion: number) =>
      wrong(findings([broker(1, { metadataVersion, supportedMetadataVersion })]));
    expect(levels(2, 1)).toEqual(['WRONG metadata level: 2, and a node knows 1 at most']);
    expect(levels(1, 2)).toEqual(['note metadata level: 1; all know 2']);
  });

  it('files that are nearly used up', () => {
    expect(wrong(findings([broker(1, { openFiles: 900 })]))).toEqual([
      'WRONG broker 1: 900 of 1024 files are open: raise ulimit -n before it can open no more',
    ]);
  });
});
