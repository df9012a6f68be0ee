// The kinds of faults that a seed may draw from, each as statements of a schedule: so a run can be told, played again and shrunk.

import type { NodeId } from '@odradek/model';
import type { Rot } from './disk-trouble.ts';
import type { FaultyNode } from './random-faults.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What a draw knows of the world. */
export interface FaultView {
  readonly random: SeededRandom;
  readonly nodes: readonly FaultyNode[];
  readonly brokers: readonly NodeId[];
  /** Logs by name, `t-0`. */
  readonly logs: readonly string[];
  readonly topic: string;
  /** Whether an unsynced tail is lost lawfully only with the power: without, powers losses are kills. */
  readonly losesPower: boolean;
  /** The brokers whose stored bytes may be damaged: one, so that a good copy of everything stays (D14), all over budget, or none. */
  readonly damageable: readonly NodeId[];
  /** Those whose disk may be an old copy of itself: no voter, for an old vote could be given twice (D11). */
  readonly restorable: readonly NodeId[];
  /** Whether an operator may have a leader elected who has not all that is committed. */
  readonly mayElectUncleanly: boolean;
  /** Those whose disk may refuse: a log that fails is lossy, and no other copy may be at the same time (D14). */
  readonly refusing: readonly NodeId[];
  /** Damage is not held to what the promise covers. */
  readonly isOverBudget: boolean;
}

/**
 * Statements, separated by semicolons; empty when there is nobody to whom it could happen. Each is about one node at most: a statement that
 * cannot be played for one of several would have been played for the others.
 */
type Draw = (view: FaultView) => string;

function one(view: FaultView, state: FaultyNode['state']): NodeId | undefined {
  const candidates = view.nodes.filter((node) => node.state === state);
  return candidates.length === 0 ? undefined : view.random.pick(candidates).id;
}

function onOne(verb: string, more: (view: FaultView) => string = () => ''): Draw {
  return (view) => {
    const id = one(view, 'running');
    return id === undefined ? '' : `${verb} ${id}${more(view)}`;
  };
}

function dies(view: FaultView): string {
  return view.losesPower && view.random.chance(50) ? 'power' : 'crash';
}

function running(view: FaultView): NodeId[] {
  return view.nodes.filter(({ state }) => state === 'running').map(({ id }) => id);
}

function pair(view: FaultView): [NodeId, NodeId] {
  const first = view.random.pick(view.nodes).id;
  const others = view.nodes.filter(({ id }) => id !== first);
  return [first, others.length === 0 ? first : view.random.pick(others).id];
}

/** The messages that are worth being late: after each of them somebody may have gone on. */
const lateMessages = [
  ...['alterPartitions.resp', 'alterPartitions.req', 'fetchMetadata.resp', 'reportTruncations.resp'],
  ...['registerBroker.req', 'registerBroker.resp', 'brokerHeartbeat.req', 'brokerHeartbeat.resp'],
  ...['vote.req', 'vote.resp', 'beginQuorumEpoch.req', 'endQuorumEpoch.req', 'describeLogEnds.resp'],
  ...[
    'fetchSnapshot.req',
    'fetchSnapshot.resp',
    'fetchReplicas.req',
    'fetchReplicas.resp',
    'reportFlushed.req',
  ],
];

/** What may happen while a message is late. */
const meanwhile: readonly Draw[] = [
  () => '',
  (view) => {
    const id = one(view, 'running');
    return id === undefined
      ? ''
      : `${dies(view)} ${id}; tick ${view.random.pick([5, 40, 300])} ms; start ${id}`;
  },
  (view) => `cut ${view.random.pick(view.nodes).id}|*; ${wait(view)}; heal`,
  (view) => `leave ${one(view, 'running') ?? view.brokers[0]}`,
  (view) => `expire ${one(view, 'running') ?? view.brokers[0]} ${view.random.pick([300, 3200])} ms`,
];

const wait = (view: FaultView): string => `tick ${view.random.pick([10, 60, 300, 900, 2000])} ms`;

/** Hints only (D10). Not the recovery points: what is gone together with them nobody can miss. */
const checkpoints = ['replication-offset-checkpoint', 'log-start-offset-checkpoint'];

function onAnyOf(ids: readonly NodeId[], { random }: FaultView, draw: (id: NodeId) => string): string {
  return ids.length === 0 ? '' : draw(random.pick(ids));
}

/** Something is done to a disk while its node is dead. */
function whileDown(act: (id: NodeId) => string, { nodes }: FaultView): (id: NodeId) => string {
  return (id) => {
    const isDead = nodes.find((node) => node.id === id)?.state === 'dead';
    return `${isDead ? '' : `crash ${id}; `}${act(id)}; start ${id}`;
  };
}

/** Below the recovery point, where it cannot be what power has torn; over budget anywhere. */
function rots(how: Rot): Draw {
  return (view) =>
    onAnyOf(view.damageable, view, (id) => {
      const isAnywhere = view.isOverBudget && view.random.chance(50);
      return `rot ${id} ${view.random.pick(view.logs)} ${how}${isAnywhere ? ' anywhere' : ''}`;
    });
}

/** Every kind there is, and what it does. */
export const faultDraws = {
  crash: onOne('crash'),
  power: (view) => (view.losesPower ? onOne('power')(view) : ''),
  'crash all': (view) => {
    const ids = view.nodes.filter(({ state }) => state !== 'dead').map(({ id }) => id);
    if (ids.length === 0) return '';
    const verb = dies(view);
    return ids.map((id) => `${verb} ${id}`).join('; ');
  },
  'one by one': (view) => {
    const brokers = view.brokers.filter((id) => running(view).includes(id));
    if (brokers.length === 0) return '';
    const first = view.random.below(brokers.length);
    const ids = [...brokers.slice(first), ...brokers.slice(0, first)];
    return ids.map((id) => `${dies(view)} ${id}; ${wait(view)}`).join('; ');
  },
  leave: onOne('leave'),
  'rolling restart': (view) =>
    view.brokers
      .filter((id) => running(view).includes(id))
      .map((id) => `leave ${id}; tick 1500 ms; revive ${id}; tick 700 ms`)
      .join('; '),
  'restart loop': (view) => {
    const id = one(view, 'running');
    if (id === undefined) return '';
    const round = `${dies(view)} ${id}; tick ${view.random.pick([1, 20, 80])} ms; start ${id}; tick ${view.random.pick([5, 40, 200])} ms`;
    return Array<string>(view.random.between(2, 5)).fill(round).join('; ');
  },
  pause: onOne('stop'),
  stall: (view) => {
    const id = one(view, 'running');
    return id === undefined ? '' : `stop ${id}; ${wait(view)}; resume ${id}`;
  },
  cut: (view) => `cut ${view.random.pick(view.nodes).id}|*`,
  'one-way cut': (view) => `cut ${pair(view).join('>')}`,
  'partial mesh': (view) => `cut ${pair(view).join('|')}`,
  flapping: (view) => {
    const way = pair(view).join('|');
    const periodMs = view.random.pick([40, 150, 500]);
    return Array<string>(view.random.between(2, 5))
      .fill(`cut ${way}; tick ${periodMs} ms; heal ${way}; tick ${periodMs} ms`)
      .join('; ');
  },
  'slow way': (view) => `slow ${pair(view).join('>')} ${view.random.pick(['20..80', '100..400', '0..1500'])}`,
  'broken connection': (view) => `break ${pair(view).join('|')}`,
  drop: (view) => {
    const [from, to] = pair(view);
    return `drop kind=${view.random.pick(['request', 'answer'])} from=${from} to=${to}`;
  },
  duplicate: (view) => `dup kind=request to=${view.random.pick(view.nodes).id}`,
  hold: (view) => {
    const [from, to] = pair(view);
    const kind = view.random.pick(['request', 'answer']);
    return `hold h kind=${kind} from=${from} to=${to}; ${wait(view)}; release h`;
  },
  'slow disk': (view) => `disk ${view.random.pick(view.nodes).id} ${view.random.pick(['5..40', '50..300'])}`,
  'stuck disk': (view) => {
    const { id } = view.random.pick(view.nodes);
    return `disk ${id} stuck; ${wait(view)}; disk ${id} 0..3`;
  },
  'full disk': (view) => {
    const { id } = view.random.pick(view.nodes);
    // Below the floor nothing of clients is taken, and the rest still goes (D6); the system tells of that, or refuses before.
    return `${view.random.pick(['full', 'low'])} ${id}; ${wait(view)}; free ${id}`;
  },
  'disk error': (view) =>
    onAnyOf(view.refusing, view, (id) => {
      const operation = view.random.pick(['append', 'sync', 'replaceFile', 'syncDirectory', 'readLater']);
      return `fail ${id} ${operation} EIO`;
    }),
  'short write': (view) =>
    onAnyOf(view.refusing, view, (id) => `fail ${id} append EIO ${view.random.pick([0, 1, 60, 100])}`),
  // A log that was to be cut or begun anew, and cannot, has failed until its broker's next start: as by any other error.
  'no file to spare': (view) =>
    onAnyOf(view.refusing, view, (id) => {
      const where = view.random.chance(50) ? ` in=${view.random.pick(view.logs)}` : '';
      return Array<string>(view.random.between(1, 3)).fill(`fail ${id} open EMFILE${where}`).join('; ');
    }),
  'bit rot': rots('flip'),
  'lost write': rots('lost'),
  'misdirected write': rots('misdirected'),
  'wiped disk': (view) =>
    onAnyOf(
      view.damageable,
      view,
      whileDown((id) => `wipe ${id}`, view),
    ),
  'lost directory': (view) =>
    onAnyOf(
      view.damageable,
      view,
      whileDown((id) => `take-away ${id} ${view.random.pick(view.logs)}`, view),
    ),
  'lost checkpoint': (view) =>
    onAnyOf(
      view.damageable,
      view,
      whileDown((id) => `empty ${id} ${view.random.pick(checkpoints)}`, view),
    ),
  'restored backup': (view) =>
    onAnyOf(view.restorable, view, (id) => {
      const lives = `start ${id}; ${wait(view)}; ${dies(view)} ${id}`;
      return whileDown((one) => `back-up ${one}; ${lives}; put-back ${one}`, view)(id);
    }),
  'wall clock': (view) =>
    `wall ${view.random.pick(view.nodes).id} ${view.random.pick(['-86400000', '-60000', '60000', '86400000'])} ms`,
  'clock ahead': onOne('expire', (view) => ` ${view.random.pick([200, 700, 3200])} ms`),
  recreate: ({ topic }) => `recreate ${topic}`,
  'late message': (view) => {
    const [message, during] = [view.random.pick(lateMessages), view.random.pick(meanwhile)(view)];
    const statements = [`catch late ${message}`, wait(view), during, wait(view), 'release late'];
    return statements.filter((statement) => statement !== '').join('; ');
  },
  // A request that its client has given up comes all the same, after the next try and what followed it.
  'slow clients': (view) =>
    `clients ${view.random.pick(['5..60', '0..900 of=30', '2500..9000 of=15'])}; ${wait(view)}; ${wait(view)}; clients prompt`,
  'operator elects': ({ random, logs, mayElectUncleanly }) => {
    const kinds = mayElectUncleanly ? ['preferred', 'unclean', 'last-known-leader'] : ['preferred'];
    return `elect ${random.pick(kinds)} ${random.pick(logs)}`;
  },
  'operator alters': ({ random, topic }) => {
    const settings = [
      'segment.bytes=1024',
      'segment.bytes=16384',
      'retention.bytes=3000',
      'retention.bytes=-1',
    ];
    return `configure ${topic} ${random.pick([...settings, 'retention.ms=700', 'retention.ms=-1'])}`;
  },
} as const satisfies Readonly<Record<string, Draw>>;

export type FaultKind = keyof typeof faultDraws;

export const faultKinds = Object.keys(faultDraws) as readonly FaultKind[];

/** What takes stored bytes. */
export const damageKinds: readonly FaultKind[] = [
  ...(['power', 'crash all', 'bit rot', 'lost write', 'misdirected write'] as const),
  ...(['wiped disk', 'lost directory', 'lost checkpoint', 'restored backup'] as const),
];

export function isFaultKind(word: string): word is FaultKind {
  return Object.hasOwn(faultDraws, word);
}

/** What makes things good again; drawn between the faults, whatever their kinds. */
export const mending: readonly Draw[] = [
  (view) => {
    const id = one(view, 'dead');
    return id === undefined ? '' : `start ${id}`;
  },
  (view) => {
    const id = one(view, 'dead');
    return id === undefined ? '' : `start ${id}`;
  },
  (view) => {
    const ids = view.nodes.filter(({ state }) => state === 'dead').map(({ id }) => id);
    return ids.map((id) => `start ${id}`).join('; ');
  },
  (view) => {
    const id = one(view, 'paused');
    return id === undefined ? '' : `cont ${id}`;
  },
  () => 'heal',
  (view) => `disk ${view.random.pick(view.nodes).id} 0..3`,
];
