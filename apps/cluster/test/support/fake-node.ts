// A process that a test plays.

import { EventEmitter } from 'node:events';
import type { FromNode, ToNode } from '../../src/up/node-messages.ts';
import type { NodeProcess } from '../../src/up/supervisor.ts';

export class FakeNode extends EventEmitter implements NodeProcess {
  readonly pid: number;
  readonly heard: ToNode[] = [];
  readonly signals: NodeJS.Signals[] = [];
  /** What it does when it is told something; by default it stops as it should. */
  onTold: (message: ToNode) => void = (message) => {
    if (message.type === 'stop deciding') this.say({ type: 'stopped deciding' });
    if (message.type === 'stop') this.emit('exit', 0, null);
  };

  constructor(pid: number) {
    super();
    this.pid = pid;
  }

  send(message: ToNode, done: (error: Error | null) => void): void {
    this.heard.push(message);
    done(null);
    this.onTold(message);
  }

  kill(signal: NodeJS.Signals): boolean {
    this.signals.push(signal);
    if (signal === 'SIGKILL') queueMicrotask(() => this.emit('exit', null, 'SIGKILL'));
    return true;
  }

  say(message: FromNode): void {
    this.emit('message', message);
  }
}
