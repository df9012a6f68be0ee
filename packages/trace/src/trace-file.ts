// The trace file: JSON lines. First a header with the version, then what a viewer is told, in its order: each machine's chart once and
// before its frames (`chart`), the steps (`frame`), everything else as it is told live (`live`). The simulator, the test kit and a
// running node write it; a viewer reads it.

import type { AnyStateMachine } from 'xstate';
import { type Chart, chartOf } from './chart.ts';
import type { LiveMessage } from './live/messages.ts';
import { Recording } from './live/recording.ts';
import type { Frame } from './transitions.ts';

/** Rises when a reader of an earlier version could misread the file; unknown kinds of lines are passed over. */
export const TRACE_VERSION = 2;

export interface TraceHeader {
  readonly trace: 'odradek';
  readonly version: number;
  /** What was run, in the writer's words: a seed, a story, a cluster's id. */
  readonly about: string;
}

export interface TraceFile {
  readonly header: TraceHeader;
  readonly charts: ReadonlyMap<string, Chart>;
  readonly frames: readonly Frame[];
  /** All of it as a viewer is told, in its order. */
  readonly messages: readonly LiveMessage[];
  /** Who told each of the messages; empty where there was only one. */
  readonly tellers: readonly string[];
  /** The writer was cut off within the last line, which is left out. */
  readonly truncated: boolean;
}

export interface TraceWriter {
  machine(machine: AnyStateMachine): void;
  frame(frame: Frame): void;
  /** Whatever a viewer is told; `teller` tells several of one file apart. */
  tell(message: LiveMessage, teller?: string): void;
}

/** Writes the header at once and then a line per call; `write` gets each line with its line end. */
export function traceWriter(about: string, write: (line: string) => void): TraceWriter {
  const header: TraceHeader = { trace: 'odradek', version: TRACE_VERSION, about };
  const put = (line: object): void => write(`${JSON.stringify(line)}\n`);
  const written = new Set<string>();
  put(header);
  const chart = (id: string, make: () => Chart): void => {
    if (written.has(id)) return;
    written.add(id);
    put({ chart: make() });
  };
  return {
    machine: (machine) => chart(machine.id, () => chartOf(machine)),
    frame: (frame) => put({ frame }),
    tell(message, teller = '') {
      const by = teller === '' ? {} : { teller };
      if (message.kind === 'machine') chart(message.chart.id, () => message.chart);
      else if (message.kind === 'step') {
        const { kind: _, ...frame } = message;
        put({ frame, ...by });
      } else put({ live: message, ...by });
    },
  };
}

/** A trace as a recording that a viewer can go to any moment of. */
export function recordingOf({ messages, tellers }: TraceFile): Recording {
  // All of it: of a file nothing is forgotten.
  const recording = new Recording({
    maxMessages: Number.POSITIVE_INFINITY,
    maxFacts: Number.POSITIVE_INFINITY,
  });
  messages.forEach((message, index) => {
    recording.add(message, tellers[index]);
  });
  return recording;
}

/** A file that is no trace, or one from a newer version, or damaged; the message names the line. */
export class TraceFileError extends Error {
  override readonly name = 'TraceFileError';
}

/** Reads a whole trace file. Throws {@link TraceFileError}. */
export function readTrace(text: string): TraceFile {
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = complete.split('\n').slice(0, -1);
  const header = readHeader(lines[0]);
  const charts = new Map<string, Chart>();
  const frames: Frame[] = [];
  const messages: LiveMessage[] = [];
  const tellers: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const { chart, frame, live, teller } = parse(line, index + 1);
    if (isChart(chart)) {
      charts.set(chart.id, chart);
      messages.push({ kind: 'machine', chart });
    } else if (isFrame(frame)) {
      frames.push(frame);
      messages.push({ kind: 'step', ...frame });
    } else if (isLive(live)) messages.push(live);
    else if (chart !== undefined || frame !== undefined || live !== undefined) throw malformed(index + 1);
    if (messages.length > tellers.length) tellers.push(typeof teller === 'string' ? teller : '');
  }
  return { header, charts, frames, messages, tellers, truncated: complete.length < text.length };
}

function readHeader(line: string | undefined): TraceHeader {
  if (line === undefined) throw new TraceFileError('Not a trace file: it has no header line.');
  const { trace, version, about } = parse(line, 1);
  if (trace !== 'odradek' || typeof version !== 'number' || typeof about !== 'string')
    throw new TraceFileError('Not a trace file: line 1 is no header of a trace.');
  if (version > TRACE_VERSION)
    throw new TraceFileError(
      `The trace has version ${version}; this reader knows versions up to ${TRACE_VERSION}.`,
    );
  return { trace, version, about };
}

function parse(line: string, number: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw malformed(number);
  }
  if (!isRecord(value)) throw malformed(number);
  return value;
}

function malformed(line: number): TraceFileError {
  return new TraceFileError(`Line ${line} of the trace is damaged.`);
}

function isChart(value: unknown): value is Chart {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    Array.isArray(value.states) &&
    Array.isArray(value.edges)
  );
}

function isFrame(value: unknown): value is Frame {
  if (!isRecord(value) || typeof value.timeMs !== 'number' || !Array.isArray(value.edges)) return false;
  const lists = [value.values, value.orders, value.changed];
  if (!lists.every((list) => list === undefined || Array.isArray(list))) return false;
  return [value.actor, value.machine, value.event, value.from, value.to].every(
    (text) => typeof text === 'string',
  );
}

/** Kinds that this reader does not know are passed over by whoever draws them. */
function isLive(value: unknown): value is LiveMessage {
  return isRecord(value) && typeof value.kind === 'string' && typeof value.timeMs === 'number';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
