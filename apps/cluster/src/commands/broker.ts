// One node in this process: for real deployments, and as the child of `up`.

import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type { Configuration } from '@odradek/model';
import { type Frame, watch } from '@odradek/trace';
import type { GiveOrder } from '../console/break-door.ts';
import { type Deferred, deferred } from '../deferred.ts';
import { Failure } from '../failure.ts';
import { type Faults, noFaults } from '../faults/faults.ts';
import { type Entry, jsonLine, printable, textLine } from '../log/entry.ts';
import { NodeLog } from '../log/node-log.ts';
import { measure } from '../measure.ts';
import { startNode } from '../node.ts';
import { onceSettled } from '../once-settled.ts';
import type { Session } from '../session.ts';
import { endBy, untilSignalled } from '../signals.ts';
import type { FromNode, ToNode, Watching } from '../up/node-messages.ts';
import type { Obeyed, Order } from '../up/orders.ts';
import { type ConfigurationOptions, readConfiguration } from './config.ts';

interface BrokerOptions extends ConfigurationOptions {
  /** Started by `up`: orders come over the channel to the parent process. */
  readonly supervised?: boolean;
  readonly watch?: Watching;
  /** Lines for people or for programs; by default for people on a terminal alone. */
  readonly logFormat?: 'text' | 'json';
  /** Keeps what V8 has compiled, for the next start; without it Node keeps what it has made as it loaded its modules. */
  readonly keepCompiled?: () => void;
}

/** `broker` */
export async function runBroker(session: Session, options: BrokerOptions): Promise<undefined> {
  const supervisor = options.supervised === true ? hearSupervisor() : undefined;
  if (supervisor !== undefined && !(await supervisor.begun)) return;
  const configuration = readConfiguration(session.environment, options);
  for (const warning of configuration.warnings) session.terminal.complain(`warning: ${warning}`);
  const write = supervisor === undefined ? lineWriter(session, options) : tellSupervisor;
  const log = new NodeLog(rootOf(configuration), write, { writesSteps: supervisor === undefined });
  const node = await startNode(configuration, {
    log,
    faults: supervisor?.faults,
    ...(supervisor === undefined ? {} : { giveOrder: supervisor.giveOrder }),
  });
  if (supervisor !== undefined) tell({ type: 'listening' });
  const { watch: watching = 'nothing' } = options;
  if (watching !== 'nothing') {
    watch(node.root, {
      nowMs: () => performance.now(),
      onFrame: (frame) => {
        if (watching === 'everything' || isChange(frame)) tell({ type: 'frame', frame });
      },
      onFailure: (error) => log.say(`watching ended: ${error instanceof Error ? error.message : error}`),
    });
  }
  const stopped = Promise.race([
    untilSignalled().then(() => configuration.values['controlled.shutdown.enable']),
    ...(supervisor === undefined ? [] : [supervisor.stopped]),
    node.failed,
  ]);
  const { keepCompiled = flushCompileCache } = options;
  const isServing = await Promise.race([node.ready.then(() => true), stopped.then(() => false)]);
  if (isServing) {
    const text = `node ${node.id} listens on ${node.host}:${node.port}`;
    log.add({ level: 'info', event: 'listening', text });
    if (supervisor !== undefined) tell({ type: 'ready' });
    onceSettled(node, () => {
      keepCompiled();
      prepareForLoad();
    });
  }
  const movesLeaderships = await stopped;
  const again = untilSignalled().then(endBy);
  await Promise.race([
    node.stop(movesLeaderships),
    again,
    ...(supervisor === undefined ? [] : [supervisor.abandoned]),
  ]);
  log.close();
  if (isServing) keepCompiled();
}

/**
 * Much of what a broker does runs once for several batches. Until V8's best compiler takes it, after 3000 calls and no sooner than 500 after
 * a call site saw something new, it costs a multiple: followers ran so for minutes. Not while the node starts: there each call is one
 * of few, and compiling would only hold the others up. With ten thousand partitions to host it took them a sixth of the processor time.
 *
 * And where what was allocated during the start lived long, V8 goes on to put objects among the old ones, where messages do not belong: without that
 * a leader and its followers need a tenth less of the processors.
 *
 * A batch passes some thousand small functions. By default V8 puts 920 bytes of them at most into the one that calls them, and calls cost more than
 * most of them do: with more room a batch costs 5 to 9 % less.
 */
function prepareForLoad(): void {
  // Batches live for a moment as buffers outside the heap; by default V8 collects the whole, small heap after every few megabytes
  // of them, which costs half of the processor time under load. At rest a broker weighs the same.
  setFlagsFromString('--heap-growing-percent=400');
  // Those buffers have a limit of their own, 64 MB since the last collection of the whole, which is 500 batches of 64 KiB; as a part of the
  // heap's limit they let the collections of the young give most of them back.
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--max-inlined-bytecode-size=1500');
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=4000');
  setFlagsFromString('--no-allocation-site-pretenuring');
  setFlagsFromString('--invocation-count-for-maglev=200');
  setFlagsFromString('--invocation-count-for-turbofan=1000');
  setFlagsFromString('--minimum-invocations-after-ic-update=200');
}

/** The path of the node's root, as its actors are called. */
function rootOf({ values }: Configuration): string {
  return `${values['process.roles'].includes('broker') ? 'broker' : 'controller'}-${values['node.id']}`;
}

function lineWriter({ terminal }: Session, { logFormat }: BrokerOptions): (entry: Entry) => void {
  const format = logFormat ?? (terminal.isOutputWatched && !terminal.isJson ? 'text' : 'json');
  const line = format === 'json' ? jsonLine : textLine;
  return (entry) => terminal.print(line(entry, new Date()));
}

/** Who watches several nodes in one terminal is told what is of the cluster, and what is badly wrong with a node. */
function tellSupervisor(entry: Entry): void {
  if (entry.isOfCluster === true || entry.level === 'error')
    tell({ type: 'news', text: printable(entry.text) });
}

/** Each flush takes a log through three states: no news to anybody. */
const busy = new Set(['log', 'link', 'session']);

function isChange({ from, to, machine }: Frame): boolean {
  return from !== to && !busy.has(machine);
}

function tell(message: FromNode): void {
  // Without a channel the supervisor is gone, and so is whoever would want to know.
  if (process.connected) process.send?.(message, () => {});
}

interface HeardSupervisor {
  /** Whether it may begin; not, if the supervisor is gone before it says so. */
  readonly begun: Promise<boolean>;
  readonly faults: () => Faults;
  /** Resolves when the cluster, or this node alone, is to stop: whether leaderships are to be moved first. */
  readonly stopped: Promise<boolean>;
  /** Has the supervisor do what `odradek chaos` does. */
  readonly giveOrder: GiveOrder;
  /** Resolves some time after the supervisor has died: nobody else would end a node that cannot stop. */
  readonly abandoned: Promise<void>;
}

const abandonedMs = 5000;

function hearSupervisor(): HeardSupervisor {
  let faults = noFaults;
  const begun = deferred<boolean>();
  const stopped = deferred<boolean>();
  const abandoned = deferred<void>();
  const orders = new OrdersGiven();
  process.on('message', (message: ToNode) => {
    if (message.type === 'begin') begun.resolve(true);
    else if (message.type === 'faults') ({ faults } = message);
    else if (message.type === 'measure') tell({ type: 'measured', measurement: measure() });
    else if (message.type === 'stop') stopped.resolve(message.movesLeaderships);
    else if (message.type === 'obeyed' || message.type === 'disobeyed') orders.ended(message);
    else {
      faults = { ...faults, isStopping: true };
      tell({ type: 'stopped deciding' });
    }
  });
  // A supervisor that died takes its nodes with it, cleanly.
  process.on('disconnect', () => {
    begun.resolve(false);
    stopped.resolve(false);
    setTimeout(() => abandoned.resolve(), abandonedMs);
  });
  return {
    begun: begun.promise,
    faults: () => faults,
    stopped: stopped.promise,
    abandoned: abandoned.promise,
    giveOrder: (order) => orders.give(order),
  };
}

/** Orders that the supervisor has not answered yet. */
class OrdersGiven {
  readonly #waiting = new Map<number, Deferred<Obeyed>>();
  #last = 0;

  give(order: Order): Promise<Obeyed> {
    this.#last += 1;
    const answered = deferred<Obeyed>();
    this.#waiting.set(this.#last, answered);
    tell({ type: 'order', id: this.#last, order });
    return answered.promise;
  }

  ended(answer: Extract<ToNode, { readonly id: number }>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.type === 'obeyed') waiting?.resolve(answer.data);
    else {
      const { code, exitCode, message, hint } = answer.failure;
      waiting?.reject(new Failure(code, exitCode, message, hint));
    }
  }
}
