// The worker in which the cluster of the tab lives: frames of its time, and what the page asks.

import { scenes } from '../scenes/all.ts';
import { OrderError } from './orders.ts';
import { TabCluster } from './tab-cluster.ts';
import type { FromWorker, ToWorker } from './tab-messages.ts';

const frameMs = 16;
/** Of a frame so much may be spent on the cluster; what is asked comes between. */
const computeMs = 11;
/** A tab that was in the background has not to catch up. */
const longestFrameMs = 100;

let cluster: TabCluster | undefined;
let lastMs = performance.now();
let lastState = '';

function post(message: FromWorker): void {
  self.postMessage(message);
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  guarded(() => take(data));
};

function take(message: ToWorker): void {
  if (message.do === 'begin') {
    cluster = new TabCluster(scenes.find(({ id }) => id === message.scene));
    lastMs = performance.now();
    tell(cluster);
    setInterval(() => guarded(frame), frameMs);
    return;
  }
  if (cluster === undefined) throw new Error(`"${message.do}" before the cluster was begun`);
  obey(cluster, message);
  tell(cluster);
}

function obey(running: TabCluster, message: Exclude<ToWorker, { do: 'begin' }>): void {
  switch (message.do) {
    case 'order':
      order(running, message);
      break;
    case 'pace':
      running.pace(message.pace);
      break;
    case 'step':
      running.step();
      break;
    case 'next':
      running.next();
      break;
    case 'leave':
      running.leave();
      break;
    case 'look':
      post({ say: 'looked', answer: running.look(message.id, message.path) });
      break;
    case 'ask': {
      const { id, node, request, timeoutMs } = message;
      running.ask(node, request, timeoutMs, (reply) => post({ say: 'replied', id, reply }));
      break;
    }
  }
}

function order(running: TabCluster, { id, order }: Extract<ToWorker, { do: 'order' }>): void {
  try {
    post({ say: 'obeyed', id, text: running.order(order) });
  } catch (error) {
    if (!(error instanceof OrderError)) throw error;
    post({ say: 'refused', id, reason: error.message });
  }
}

function frame(): void {
  if (cluster === undefined) return;
  const nowMs = performance.now();
  const passedMs = Math.min(longestFrameMs, nowMs - lastMs);
  lastMs = nowMs;
  cluster.pass(passedMs, () => performance.now() < nowMs + computeMs);
  tell(cluster);
}

/** What is new since the last frame, in one message; nothing when nothing is. */
function tell(running: TabCluster): void {
  const messages = running.take();
  const { state } = running;
  const stateText = JSON.stringify(state);
  if (messages.length === 0 && stateText === lastState) return;
  lastState = stateText;
  post({ say: 'told', messages, state });
}

function guarded(act: () => void): void {
  try {
    act();
  } catch (error) {
    cluster = undefined;
    post({ say: 'failed', reason: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
