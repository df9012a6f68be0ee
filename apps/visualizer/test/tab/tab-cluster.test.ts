import { Recording, type World } from '@odradek/trace';
import { describe, expect, it } from 'vitest';
import { scenes } from '../../src/scenes/all.ts';
import { OrderError, type TabOrder } from '../../src/tab/orders.ts';
import { tabClient } from '../../src/tab/tab-client.ts';
import { TabCluster } from '../../src/tab/tab-cluster.ts';

/** A cluster in the tab, and what its page sees. */
class Watched {
  readonly cluster: TabCluster;
  readonly recording = new Recording();

  constructor(scene?: string) {
    this.cluster = new TabCluster(scenes.find(({ id }) => id === scene));
    this.look();
  }

  look(): World {
    for (const message of this.cluster.take()) this.recording.add(message);
    return this.recording.now;
  }

  /** Frames pass until the condition holds, for so long of our time at most. */
  until(what: string, condition: (seen: World) => boolean, ourMs = 60_000): World {
    for (let passedMs = 0; passedMs < ourMs; passedMs += 16) {
      this.cluster.pass(16);
      if (condition(this.look())) return this.look();
    }
    throw new Error(`not within ${ourMs} ms: ${what}`);
  }

  order(order: TabOrder): string {
    return this.cluster.order(order);
  }
}

const watched = () => {
  const tab = new Watched();
  return { recording: tab.recording, look: () => tab.look(), cluster: tab.cluster };
};

const stateOf = (id: number) => (seen: World) => seen.brokers.get(id)?.state;
const partition = (seen: World, at = 0) => seen.topics.get('laser')?.partitions[at];
const story = (seen: World): string => seen.story.map(({ text }) => text).join('\n');

describe('the cluster in the tab', () => {
  it('runs when it is there: three brokers, a topic that is led, records that come', () => {
    const tab = new Watched();
    const seen = tab.look();
    expect([1, 2, 3].map((id) => stateOf(id)(seen))).toEqual(['running', 'running', 'running']);
    expect(seen.topics.get('laser')?.partitions.map(({ leader }) => leader > 0)).toEqual([true, true, true]);
    expect(seen.hellos.get('')?.allowed).toEqual(['break', 'administer']);
    tab.until('records are committed', ({ replicas }) =>
      [...replicas.values()].some(({ highWatermark }) => highWatermark > 2),
    );
  });

  it('tells what leaves an actor, to whom and what it carries, and what it holds at any moment', () => {
    const { recording, look, cluster } = watched();
    const steps = Array.from({ length: recording.end }, (_, at) => ({
      at,
      message: recording.messageAt(at),
    }));
    const asks = steps.flatMap(({ at, message }) =>
      message?.kind === 'step' && message.orders?.some(({ name }) => name === 'ask for votes')
        ? { at, ...message }
        : [],
    );
    const [ask] = asks;
    const sent = ask?.orders?.find(({ name }) => name === 'ask for votes')?.sent ?? [];
    const candidate = Number(ask?.actor.match(/broker-(\d)/)?.[1]);
    expect(sent.map(({ to, name }) => [to, name])).toEqual(
      [1, 2, 3].filter((id) => id !== candidate).map((id) => [`node ${id}`, 'vote']),
    );
    expect(Object.fromEntries(sent[0]?.values ?? [])).toMatchObject({
      candidateId: candidate,
      preVote: false,
    });
    // Who it voted for is its own knowledge: known then, and otherwise before.
    const votedFor = (position: number) =>
      recording
        .at(position)
        .actors.get(ask?.actor ?? '')
        ?.held?.values.get('votedFor.id')?.value;
    expect(votedFor((ask?.at ?? 0) + 1)).toBe(candidate);
    expect(
      votedFor(
        steps.findIndex(({ message }) => message?.kind === 'step' && message.actor === ask?.actor) + 1,
      ),
    ).toBe(undefined);
    // And what is known of now is what an actor says when it is asked.
    const { actors } = look();
    expect(actors.size).toBeGreaterThan(20);
    for (const { path, held } of [...actors.values()].filter(({ machine }) => machine === 'partition')) {
      const told = (name: string) => held?.values.get(name)?.value;
      const { context } = cluster.look(1, path);
      const place = { leader: told('place.leader'), leaderEpoch: told('place.leaderEpoch') };
      expect.soft(context, path).toMatchObject({ isLogOpen: told('isLogOpen'), place });
    }
  });

  it('keeps its pace, stands still when it is paused, and takes single steps', () => {
    const { cluster } = new Watched();
    const beganMs = cluster.state.nowMs;
    cluster.pace({ speed: 0.5 });
    for (let frame = 0; frame < 60; frame++) cluster.pass(16);
    expect(cluster.state.nowMs - beganMs).toBeCloseTo(480, 0);
    cluster.pace({ isPaused: true });
    const pausedMs = cluster.state.nowMs;
    cluster.pass(1000);
    expect(cluster.state.nowMs).toBe(pausedMs);
    cluster.step();
    expect(cluster.state.nowMs).toBeGreaterThanOrEqual(pausedMs);
    expect(cluster.take().length).toBeGreaterThan(0);
  });

  it('who cannot keep up forgets what it owes, and never holds its thread for longer than it may', () => {
    const { cluster } = new Watched();
    const beganMs = cluster.state.nowMs;
    let asked = 0;
    cluster.pass(1_000_000, () => ++asked <= 3);
    expect(cluster.state.nowMs - beganMs).toBeLessThan(20);
    cluster.pace({ speed: 1 });
    cluster.pass(10);
    expect(cluster.state.nowMs - beganMs).toBeLessThan(40);
  });

  it('obeys: a leader is killed, another leads, and it returns (C3, C8, I3)', () => {
    const tab = new Watched();
    const leader = partition(tab.look())?.leader ?? -1;
    expect(tab.order({ do: 'kill', nodes: [leader] })).toBe(`node ${leader} killed`);
    expect(stateOf(leader)(tab.look())).toBe('down');
    tab.until(
      'another leads',
      (seen) => partition(seen)?.leader !== leader && partition(seen)?.leader !== -1,
    );
    tab.order({ do: 'start', nodes: [leader] });
    tab.until('all are in sync', (seen) => partition(seen)?.inSyncReplicas.length === 3);
  });

  it('obeys: power, pause, cut, slow, full disk, and heals all of it', () => {
    const tab = new Watched();
    tab.cluster.pace({ speed: 2 });
    tab.order({ do: 'pause', nodes: [1] });
    expect(stateOf(1)(tab.look())).toBe('paused');
    tab.order({ do: 'resume', nodes: [1] });
    tab.order({ do: 'cut', from: 1, to: 2, isOneWay: true });
    tab.order({ do: 'slow', node: 2, what: 'network', delayMs: 50 });
    tab.order({ do: 'slow', node: 2, what: 'disk', delayMs: 50 });
    tab.order({ do: 'heal' });
    tab.order({ do: 'fill', node: 2 });
    tab.order({ do: 'heal' });
    tab.order({ do: 'power', nodes: [3] });
    const hurt = tab.until('a partition has fewer in sync', (seen) =>
      [0, 1, 2].some((at) => (partition(seen, at)?.inSyncReplicas.length ?? 3) < 3),
    );
    for (const text of [
      'nothing passes from 1 to 2',
      'messages from 2 to everybody else take 50..52 ms',
      'the disk of node 2 takes 50..52 ms',
      'the disk of node 2 is full',
      'the power of node 3 fails',
      'all ways are open again',
    ])
      expect(story(hurt)).toContain(text);
    tab.order({ do: 'start', nodes: [3] });
    tab.until('all are in sync', (seen) =>
      [0, 1, 2].every((at) => partition(seen, at)?.inSyncReplicas.length === 3),
    );
    expect(tab.cluster.state.broken).toBeUndefined();
  });

  it('obeys: records sent by hand, a reader from an offset, unclean election allowed', () => {
    const tab = new Watched();
    tab.order({ do: 'load', isOn: false });
    tab.until('the log is quiet', ({ replicas }) =>
      [...replicas.values()].every(({ highWatermark, logEndOffset }) => highWatermark === logEndOffset),
    );
    tab.order({ do: 'produce', partition: 'laser-1', values: ['ping', 'pong'], acks: 'all' });
    tab.until('both are acknowledged', (seen) => story(seen).includes('pong is acknowledged'));
    tab.order({ do: 'read', partition: 'laser-1', from: 0 });
    tab.until('it is read', (seen) => story(seen).includes('a reader of laser-1 gets pong'));
    tab.order({ do: 'unclean', topic: 'laser', isOn: true });
    tab.until('it is set', (seen) => story(seen).includes('unclean.leader.election.enable is true'));
  });

  it('refuses what cannot be done, and says why; what is typed is never a statement', () => {
    const tab = new Watched();
    const refusal = (order: TabOrder): string => {
      try {
        return `done: ${tab.order(order)}`;
      } catch (error) {
        if (error instanceof OrderError) return error.message;
        throw error;
      }
    };
    expect(refusal({ do: 'start', nodes: [1] })).toBe('Node 1 runs already.');
    expect(refusal({ do: 'resume', nodes: [1] })).toBe('Node 1 is not paused.');
    expect(refusal({ do: 'kill', nodes: [9] })).toBe('There is no node 9. There are: 1, 2, 3.');
    expect(refusal({ do: 'produce', partition: 'laser-0', values: ['a; crash 1'], acks: 'all' })).toContain(
      'one word',
    );
    expect(refusal({ do: 'read', partition: 'laser-0; crash 1', from: 0 })).toContain('no name');
    expect(refusal({ do: 'read', partition: 'laser-0', from: -1 })).toContain('from 0');
    expect(stateOf(1)(tab.look())).toBe('running');
  });

  it('shows an actor closely', () => {
    const looked = new Watched().cluster.look(3, 'broker-1/quorum');
    expect(looked).toMatchObject({ answer: 'look', id: 3, state: { machine: 'quorum' } });
  });

  it.each(scenes)('$id: stops at each moment, and plays to its end in frames', (scene) => {
    const tab = new Watched(scene.id);
    for (const [at] of scene.moments.entries()) {
      if (at > 0) {
        tab.cluster.next();
        expect(tab.cluster.state.scene).toMatchObject({ moment: at, isPlaying: true });
        tab.until(`moment ${at}`, () => tab.cluster.state.scene?.isPlaying === false, 20_000);
      }
      expect(tab.cluster.state).toMatchObject({ scene: { id: scene.id, moment: at }, isPaused: true });
      const waitsMs = tab.cluster.state.nowMs;
      tab.cluster.pass(1000);
      expect(tab.cluster.state.nowMs).toBe(waitsMs);
    }
    expect(tab.cluster.state.broken).toBeUndefined();
  });

  it('a scene is left by whoever does something, and the cluster goes on', () => {
    const tab = new Watched('offset');
    tab.cluster.next();
    tab.cluster.pass(100);
    tab.order({ do: 'kill', nodes: [3] });
    expect(tab.cluster.state.scene).toBeUndefined();
    tab.until('it is fenced', (seen) => story(seen).includes('broker 3 is fenced'));
    expect(story(tab.look())).toContain('fences broker 3: its link is closed, and its address refuses');
  });

  it('a scene is left by whoever lets the time go on', () => {
    const { cluster } = new Watched('offset');
    cluster.pace({ isPaused: false });
    expect(cluster.state).toMatchObject({ scene: undefined, isPaused: false });
  });

  it('serves the client that ships: topics, records, settings', async () => {
    const tab = new Watched();
    const client = tabClient(
      (node, request, timeoutMs, done) =>
        tab.cluster.ask(node, request, timeoutMs, (reply) => done(structuredClone(reply))),
      () => tab.cluster.state.wallMs,
    );
    tab.cluster.pace({ speed: 1 });
    const frames = setInterval(() => tab.cluster.pass(10), 5);
    try {
      await client.admin().createTopic({ name: 'notes', partitions: 1, replicationFactor: 3 });
      const producer = client.producer();
      const [sent] = await Promise.all([
        producer.send({ topic: 'notes', partition: 0, key: 'k', value: 'written from the page' }),
        producer.flush(),
      ]);
      expect(sent).toMatchObject({ offset: 0 });
      const configs = await client.admin().describeConfigs('notes');
      expect(configs.some(({ name }) => name === 'min.insync.replicas')).toBe(true);
      expect(tab.look().topics.has('notes')).toBe(true);
    } finally {
      clearInterval(frames);
      await client.close();
    }
  });
});
