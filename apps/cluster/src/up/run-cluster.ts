// Runs a whole cluster in processes of this machine, from formatting its directories to its common end.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { readMetaProperties } from '@odradek/host-node';
import type { Frame } from '@odradek/trace';
import type { Setting } from '../arguments.ts';
import { makeDataDirectory } from '../data-directory.ts';
import { localFailure } from '../failure.ts';
import { ensureSecret, formatIfNew } from '../format-directory.ts';
import type { Measurement } from '../measure.ts';
import { newId } from '../uuid.ts';
import { brokerWords } from './broker-words.ts';
import { type ClusterFile, readClusterFile, writeClusterFile } from './cluster-file.ts';
import { type ControlSocket, serveControl } from './control-socket.ts';
import {
  type ClusterShape,
  checkSameShape,
  newCluster,
  rolesOf,
  votersOf,
  type WantedShape,
} from './layout.ts';
import type { Watching } from './node-messages.ts';
import { NodeProcesses } from './node-processes.ts';
import { obey } from './obey.ts';
import { type Obeyed, type Order, orderOf } from './orders.ts';
import { checkFree, choosePorts } from './ports.ts';
import { propertiesOf } from './properties.ts';
import { Supervisor } from './supervisor.ts';

export interface ClusterOptions {
  readonly dataDirectory: string;
  readonly wanted: WantedShape;
  readonly isMemory: boolean;
  /** Settings of every node, stronger than their files. */
  readonly set: readonly Setting[];
  /** Which steps of machines are told. */
  readonly watch: Watching;
  /** The file of this program; those of its nodes lie beside it. */
  readonly program: string;
  readonly onNews: (file: ClusterFile, id: number, text: string) => void;
  readonly onFrame: (frame: Frame) => void;
}

export interface RunningCluster {
  readonly isNew: boolean;
  /** As it is written down, with the processes of the moment. */
  file(): ClusterFile;
  /** What `odradek chaos` does. */
  obey(order: Order): Promise<Obeyed>;
  /** What a node's process holds on to. */
  measure(id: number): Promise<Measurement>;
  /** All together: nothing is lost and no leadership moves. */
  stop(): Promise<void>;
  /** At once, as a power failure would. */
  kill(): void;
}

/** What a node's process runs (`start-broker.ts`). */
const BROKER = 'broker.js';
const defaultBrokers = 3;
const defaultPort = 9092;
/** A node that recovers a large log may take its time. */
const startTimeoutMs = 60_000;
/** Thousands of logs are flushed and closed. */
const stopTimeoutMs = 15_000;

/** Starts a new cluster in an empty directory, or goes on with the one that is there. */
export async function runCluster(options: ClusterOptions): Promise<RunningCluster> {
  const known = readClusterFile(options.dataDirectory);
  if (known !== undefined) {
    checkSameShape(known, options.wanted);
    await checkNotRunning(known);
  }
  if (known === undefined) checkNoNode(options.dataDirectory);
  const processes = processesFor(options);
  // They load their program while the rest is asked, chosen and written.
  processes.startAhead((known?.nodes ?? rolesOf(shapeOf(options.wanted))).map(({ id }) => id));
  const runner = await orAbandoned(processes, async () => {
    const laidOut = known ?? (await layOut(options));
    await checkFree(laidOut.nodes.map((node) => node.port));
    await prepare(laidOut, options);
    const prepared = new Runner(laidOut, options, processes);
    await prepared.open();
    return prepared;
  });
  await runner.start();
  return {
    isNew: known === undefined,
    file: () => runner.file(),
    obey: (order) => runner.obey(order),
    measure: (id) => runner.measure(id),
    stop: () => runner.stop(),
    kill: () => runner.kill(),
  };
}

function processesFor({ dataDirectory, program, set, watch }: ClusterOptions): NodeProcesses {
  return new NodeProcesses({
    program: join(dirname(program), BROKER),
    words: (id) => brokerWords({ config: propertiesFile(dataDirectory, id), set, watch }),
  });
}

async function orAbandoned<T>(processes: NodeProcesses, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    processes.abandon();
    throw error;
  }
}

function shapeOf({ brokers = defaultBrokers, controllers = 0 }: WantedShape): ClusterShape {
  return { brokers, controllers };
}

async function layOut({ wanted, dataDirectory }: ClusterOptions): Promise<ClusterFile> {
  const shape = shapeOf(wanted);
  const ports = await choosePorts(wanted.port ?? defaultPort, shape.brokers + shape.controllers);
  return newCluster({
    ...shape,
    ports,
    dataDirectory,
    clusterId: newId(),
    newDirectoryId: newId,
  });
}

/** A directory that `odradek format` has made is one node's, and no place for a cluster. */
function checkNoNode(dataDirectory: string): void {
  const meta = readMetaProperties(dataDirectory);
  if (meta !== undefined)
    throw localFailure(
      'INVALID_REQUEST',
      `${dataDirectory} is the directory of node ${meta.nodeId} of cluster ${meta.clusterId}`,
      '`odradek broker --config FILE` runs that node. A cluster of `up` needs another directory: --data-dir.',
    );
}

/** Two supervisors of one directory would take each other's processes for strangers. */
async function checkNotRunning({ control, pid }: ClusterFile): Promise<void> {
  if (control === null) return;
  const answers = await new Promise<boolean>((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port: control.port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
  if (answers)
    throw localFailure(
      'INVALID_REQUEST',
      `this cluster is running already (pid ${pid})`,
      'Stop that one with Ctrl-C, or begin another cluster with --data-dir and --port.',
    );
}

/** Makes everything that the nodes find on the disk. */
async function prepare(file: ClusterFile, { dataDirectory, isMemory }: ClusterOptions): Promise<void> {
  makeDataDirectory(dataDirectory);
  const secretFile = join(dataDirectory, 'cluster.secret');
  const voters = votersOf(file);
  // Each waits for its disk, four times one after the other: together they wait as one. So does the secret, which each node reads once it begins.
  const formatted = file.nodes.map((node) => {
    writeFileSync(propertiesFile(dataDirectory, node.id), propertiesOf(node, { secretFile, isMemory }));
    const { id: nodeId, directoryId, directory } = node;
    return formatIfNew(directory, { clusterId: file.clusterId, nodeId, directoryId, voters });
  });
  await Promise.all([...formatted, Promise.resolve(secretFile).then(ensureSecret)]);
}

function propertiesFile(dataDirectory: string, id: number): string {
  return join(dataDirectory, `node-${id}.properties`);
}

class Runner {
  readonly #options: ClusterOptions;
  readonly #laidOut: ClusterFile;
  readonly #supervisor: Supervisor;
  readonly #token = randomBytes(24).toString('base64url');
  #control: ControlSocket | undefined;
  /** Something has changed since the cluster's file was written. */
  #isWriteDue = false;

  constructor(laidOut: ClusterFile, options: ClusterOptions, processes: NodeProcesses) {
    this.#options = options;
    this.#laidOut = laidOut;
    const controllers = new Set(votersOf(laidOut).map((voter) => voter.id));
    this.#supervisor = new Supervisor({
      ids: laidOut.nodes.map((node) => node.id),
      isController: (id) => controllers.has(id),
      spawn: (id) => processes.begin(id, (line) => options.onNews(laidOut, id, line)),
      startTimeoutMs,
      stopTimeoutMs,
      listener: {
        news: (id, text) => options.onNews(laidOut, id, text),
        frame: (_id, frame) => options.onFrame(frame),
        ordered: async (given) => {
          const order = orderOf(given);
          if (order === undefined)
            throw localFailure('INVALID_REQUEST', 'this is not an order that `up` knows');
          return this.obey(order);
        },
        changed: () => this.#writeSoon(),
      },
    });
  }

  file(): ClusterFile {
    const pids = new Map(this.#supervisor.nodes().map((node) => [node.id, node.pid]));
    return {
      ...this.#laidOut,
      pid: this.#control === undefined ? null : process.pid,
      control: this.#control === undefined ? null : { port: this.#control.port, token: this.#token },
      nodes: this.#laidOut.nodes.map((node) => ({ ...node, pid: pids.get(node.id) ?? null })),
    };
  }

  /** Takes orders from now on. */
  async open(): Promise<void> {
    this.#control = await serveControl(this.#token, (order) => this.obey(order));
  }

  async start(): Promise<void> {
    try {
      await Promise.all(this.#laidOut.nodes.map((node) => this.#supervisor.start(node.id)));
      this.#writeDue();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async obey(order: Order): Promise<Obeyed> {
    const obeyed = await obey(this.#supervisor, order);
    this.#writeDue();
    return obeyed;
  }

  measure(id: number): Promise<Measurement> {
    return this.#supervisor.measure(id);
  }

  async stop(): Promise<void> {
    await this.#supervisor.stopAll();
    this.#close();
  }

  kill(): void {
    this.#supervisor.killAll();
    this.#close();
  }

  #close(): void {
    this.#control?.close();
    this.#control = undefined;
    this.#write();
  }

  /** Processes start and end together: a file that takes another's place may wait for the disk, and no process waits for it. */
  #writeSoon(): void {
    if (this.#isWriteDue) return;
    this.#isWriteDue = true;
    setImmediate(() => this.#writeDue());
  }

  #writeDue(): void {
    if (this.#isWriteDue) this.#write();
  }

  #write(): void {
    this.#isWriteDue = false;
    writeClusterFile(this.#options.dataDirectory, this.file());
  }
}
