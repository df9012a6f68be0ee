import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../../src/console/site.ts';

let directory: string;
const script = 'export const answer = 42;\n'.repeat(100);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'odradek-site-'));
  mkdirSync(join(directory, 'dist/assets'), { recursive: true });
  writeFileSync(join(directory, 'dist/index.html'), '<html data-served-by="files"><p>the page');
  writeFileSync(join(directory, 'dist/main-Ab3_d-9x.js'), script);
  writeFileSync(join(directory, 'dist/assets/icon-12345678.svg'), '<svg/>');
  writeFileSync(join(directory, 'dist/.hidden.js'), 'no');
  writeFileSync(join(directory, 'secret.txt'), 'no');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const site = (others: readonly { host: string; port: number }[] = []): Site =>
  new Site({
    directories: [join(directory, 'nowhere'), join(directory, 'dist')],
    nodeId: 3,
    others: () => others,
  });
const ask = (path: string, more: { acceptsGzip?: boolean; etag?: string } = {}) =>
  site().answer({ path, host: '127.0.0.1:9092', acceptsGzip: false, etag: undefined, ...more });

describe('Site', () => {
  it('gives the page with the id of its node, under a policy that lets nothing in from elsewhere', async () => {
    const answer = await ask('/');
    expect(answer).toMatchObject({ status: 200, body: '<html data-served-by="3"><p>the page' });
    const policy = answer?.headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:9092");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(answer?.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
    const again = await ask('/', { etag: answer?.headers.etag ?? '' });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  it('lets the page ask the other brokers, and takes no words of theirs into the policy', async () => {
    const others = [
      { host: '127.0.0.1', port: 9093 },
      { host: '::1', port: 9094 },
      { host: "x; script-src 'unsafe-eval' http://evil.example", port: 1 },
    ];
    const answer = await site(others).answer({
      ...{ path: '/', host: 'localhost:9092', acceptsGzip: false, etag: undefined },
    });
    expect(answer?.headers['content-security-policy']).toContain(
      "connect-src 'self' ws://localhost:9092 http://127.0.0.1:9093 ws://127.0.0.1:9093 http://[::1]:9094 ws://[::1]:9094;",
    );
    expect(answer?.headers['content-security-policy']).not.toContain('unsafe-eval');
  });

  it('gives files whose names have a hash for ever, compressed for who takes it', async () => {
    const plain = await ask('/main-Ab3_d-9x.js');
    expect(plain?.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(String(plain?.body)).toBe(script);
    const zipped = await ask('/main-Ab3_d-9x.js', { acceptsGzip: true });
    expect(zipped?.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(Buffer.from(zipped?.body ?? '')).toString()).toBe(script);
    expect((await ask('/assets/icon-12345678.svg'))?.headers['content-type']).toBe('image/svg+xml');
    expect(await ask('/main-Ab3_d-9x.js', { etag: plain?.headers.etag ?? '' })).toMatchObject({
      status: 304,
    });
  });

  it.each([
    '/nothing.js',
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/.hidden.js',
    '//etc/passwd.txt',
    '/main-Ab3_d-9x.js/',
    '/assets',
    '/assets/.js',
  ])('%s is nothing here', async (path) => {
    expect(await ask(path)).toBeUndefined();
  });

  it('says how the page is built when it is not', async () => {
    const answer = await new Site({
      ...{ directories: [join(directory, 'nowhere')], nodeId: 1, others: () => [] },
    }).answer({
      ...{ path: '/', host: 'localhost', acceptsGzip: true, etag: undefined },
    });
    expect(answer?.status).toBe(503);
    expect(String(answer?.body)).toContain('npm run build');
  });
});
