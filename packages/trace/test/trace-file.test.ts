import { describe, expect, it } from 'vitest';
import {
  chartOf,
  type Frame,
  type LiveMessage,
  readTrace,
  recordingOf,
  traceWriter,
  watch,
} from '../src/index.ts';
import { startVoter, voterMachine } from './sample-machines.ts';

function writtenTrace(): { text: string; frames: Frame[] } {
  let text = '';
  const frames: Frame[] = [];
  const writer = traceWriter('seed 7', (line) => {
    text += line;
  });
  const voter = startVoter().start();
  watch(voter, {
    nowMs: () => 12,
    onMachine: (machine) => writer.machine(machine),
    onFrame: (frame) => {
      frames.push(frame);
      writer.frame(frame);
    },
    onFailure: (error) => {
      throw error;
    },
  });
  voter.send({ type: 'fetched' });
  voter.send({ type: 'stop' });
  return { text, frames };
}

describe('the trace file', () => {
  it('reads what was written: header, each chart once, frames in order', () => {
    const { text, frames } = writtenTrace();
    expect(frames).toHaveLength(2);
    expect(text.trimEnd().split('\n')).toHaveLength(4);
    expect(readTrace(text)).toEqual({
      header: { trace: 'odradek', version: 2, about: 'seed 7' },
      charts: new Map([['voter', chartOf(voterMachine)]]),
      frames,
      messages: [
        { kind: 'machine', chart: chartOf(voterMachine) },
        ...frames.map((frame) => ({ kind: 'step', ...frame })),
      ],
      tellers: ['', '', ''],
      truncated: false,
    });
  });

  it('carries whatever a viewer is told, and gives it back as a recording', () => {
    let text = '';
    const writer = traceWriter('seed 7', (line) => {
      text += line;
    });
    const chart = chartOf(voterMachine);
    const told: LiveMessage[] = [
      { kind: 'hello', version: 1, timeMs: 0, about: 'seed 7', allowed: [] },
      { kind: 'machine', chart },
      {
        ...{ kind: 'step', timeMs: 3, actor: 'a', machine: 'voter', event: 'fetched' },
        ...{ from: 'idle', to: 'idle', edges: [], value: 'idle' },
      },
      { kind: 'said', timeMs: 5, level: 'error', actor: 'world', event: 'promise broken', text: 'V1: no' },
    ];
    for (const message of [...told, ...told.slice(1, 2)]) writer.tell(message);
    const trace = readTrace(text);
    expect(trace.messages).toEqual(told);
    const recording = recordingOf(trace);
    expect(recording.now.story).toEqual(told.slice(3));
    expect(recording.at(recording.positionAt(3)).story).toEqual([]);
    expect(recording.now.actors.get('a')?.value).toBe('idle');
  });

  it('leaves out a last line that was cut off, and says so', () => {
    const { text, frames } = writtenTrace();
    expect(readTrace(text.slice(0, -5))).toMatchObject({ truncated: true, frames: frames.slice(0, -1) });
  });

  it('refuses by line what is damaged', () => {
    const { text } = writtenTrace();
    const lines = text.split('\n');
    expect(() => readTrace([lines[0], '{"frame":{"timeMs":"x"}}', ''].join('\n'))).toThrow(/Line 2/);
    expect(() => readTrace([lines[0], lines[1], 'not JSON', ''].join('\n'))).toThrow(/Line 3/);
  });

  it('refuses other files and newer versions', () => {
    expect(() => readTrace('')).toThrow(/no header/);
    expect(() => readTrace('{"hello":1}\n')).toThrow(/Not a trace file/);
    expect(() => readTrace('{"trace":"odradek","version":3,"about":""}\n')).toThrow(/version 3/);
  });

  it('passes over kinds of lines that it does not know', () => {
    const { text, frames } = writtenTrace();
    expect(readTrace(`${text}{"note":"a later writer"}\n`).frames).toEqual(frames);
  });
});
