// What a running node says of itself over HTTP: who it is, which version, what time it has.

import { request } from 'node:http';
import type { Endpoint } from '../arguments.ts';

export interface NodeWord {
  readonly node: number;
  readonly clusterId: string;
  readonly version: string;
  /** How much further its clock is than this machine's; with half of the question's time as its error. */
  readonly clockAheadMs: number;
  readonly clockErrorMs: number;
  readonly metadataVersion: number;
  readonly supportedMetadataVersion: number;
  readonly openFiles: number | undefined;
  readonly maxOpenFiles: number | undefined;
  /** What of its readiness is not as it should be, in its own words. */
  readonly unmet: readonly string[];
}

export type Asked = { readonly word: NodeWord } | { readonly problem: string };

const timeoutMs = 3000;
/** More than the metrics of a thousand partitions; whoever sends more is no node of ours. */
const mostBytes = 32 * 1024 * 1024;

export async function askNode({ host, port }: Endpoint): Promise<Asked> {
  const beganMs = Date.now();
  const ask = (path: string, statuses: readonly number[]) =>
    get({ host, port, path }, statuses).catch((error: NodeJS.ErrnoException) => ({
      problem: reasonOf(error),
    }));
  const answer = await ask('/metrics', [200]);
  if ('problem' in answer) return answer;
  const { text, firstByteMs } = answer;
  const readiness = await ask('/readyz?verbose', [200, 503]);
  if ('problem' in readiness) return readiness;
  const info = labelsIn(text, 'odradek_info');
  const clock = valueIn(text, 'odradek_wall_clock_seconds');
  if (info === undefined || clock === undefined)
    return { problem: 'what answers there is no node of Odradek of this version' };
  const middleMs = (beganMs + firstByteMs) / 2;
  return {
    word: {
      node: Number(info.node),
      clusterId: info.cluster ?? '',
      version: info.version ?? '',
      clockAheadMs: clock * 1000 - middleMs,
      clockErrorMs: (firstByteMs - beganMs) / 2,
      metadataVersion: valueIn(text, 'odradek_metadata_version') ?? 0,
      supportedMetadataVersion: valueIn(text, 'odradek_metadata_version_supported') ?? 0,
      openFiles: valueIn(text, 'process_open_fds'),
      maxOpenFiles: valueIn(text, 'process_max_fds'),
      unmet: unmetIn(readiness.text),
    },
  };
}

function get(
  where: Endpoint & { readonly path: string },
  statuses: readonly number[],
): Promise<{ readonly text: string; readonly firstByteMs: number } | { readonly problem: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, timeout: timeoutMs, agent: false }, (response) => {
      const firstByteMs = Date.now();
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > mostBytes) asked.destroy(new Error('it sends without end'));
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve(
          statuses.includes(response.statusCode ?? 0)
            ? { text, firstByteMs }
            : { problem: `it answers ${response.statusCode}: ${text.slice(0, 200).trim()}` },
        ),
      );
    });
    const deadline = setTimeout(
      () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    asked.on('close', () => clearTimeout(deadline));
    asked.on('error', reject);
    asked.end();
  });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'nobody listens there';
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return 'there is no such name';
  if (error.code === 'ECONNRESET') return 'it hung up: it speaks no HTTP';
  return error.message;
}

/** `[-]metadata-log failed: …`, `[!]room (not needed): …`. */
function unmetIn(readiness: string): string[] {
  return [...readiness.matchAll(/^\[[-!]\](\S+) (?:failed|\(not needed\)): (.*)$/gm)].map(
    ([, name, text]) => `${name}: ${text}`,
  );
}

function valueIn(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function labelsIn(text: string, name: string): Readonly<Record<string, string>> | undefined {
  const found = new RegExp(`^${name}\\{(.*)\\} `, 'm').exec(text)?.[1];
  if (found === undefined) return undefined;
  return Object.fromEntries(
    [...found.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label, value]),
  );
}
