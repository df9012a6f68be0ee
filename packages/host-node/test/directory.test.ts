import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDirectory } from '../src/directory-lock.ts';
import { readMetaProperties, writeMetaProperties } from '../src/meta-properties.ts';
import { copySecretFile, createSecretFile, readSecretFile } from '../src/secret-file.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const lockModule = join(import.meta.dirname, '../src/directory-lock.ts');

/** A process that locks a directory, says so, and lives until it is killed. */
async function lockingProcess(directory: string) {
  const script = `
    import { lockDirectory } from ${JSON.stringify(lockModule)};
    await lockDirectory(${JSON.stringify(directory)});
    console.log('locked');
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe('the lock of a directory', () => {
  it('is held once, and free after its release', async () => {
    const directory = temporaryDirectory();
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      message: expect.stringContaining(`directory ${directory} is in use`),
    });
    lock.release();
    (await lockDirectory(directory)).release();
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  it('of another process holds while that lives, also when it is paused, and is replaced when it was killed', async () => {
    const directory = temporaryDirectory();
    const child = await lockingProcess(directory);
    await expect(lockDirectory(directory)).rejects.toThrow('is in use');
    child.kill('SIGSTOP');
    await expect(lockDirectory(directory)).rejects.toThrow('is in use');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(fs.readdirSync(directory)).toEqual(['.lock']);
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow('is in use');
    lock.release();
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  it('that is stale goes to one of many that want it', async () => {
    const directory = temporaryDirectory();
    const child = await lockingProcess(directory);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)));
    const won = tries.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(won).toHaveLength(1);
    won[0]?.release();
  });

  it('is not kept from anyone by a guard that a dead process left', async () => {
    const directory = temporaryDirectory();
    const child = await lockingProcess(directory);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const guard = join(directory, '.lock.guard');
    fs.writeFileSync(guard, '1\n');
    fs.utimesSync(guard, 0, 0);
    (await lockDirectory(directory)).release();
  });

  it('works where the path is longer than a socket may have', async () => {
    const directory = join(temporaryDirectory(), 'long-'.repeat(30), 'deep');
    fs.mkdirSync(directory, { recursive: true });
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow('is in use');
    lock.release();
    expect(fs.readdirSync(directory)).toEqual([]);
  });
});

describe('meta.properties', () => {
  const meta = { clusterId: 'MkU3OEVBNTcwNTJENDM2Qk', nodeId: 3, directoryId: 'cyCyKYLeQ0GaKtHWLKvGUg' };

  it('comes back as it was written, and reads what Kafka writes', async () => {
    const directory = temporaryDirectory();
    expect(readMetaProperties(directory)).toBeUndefined();
    await writeMetaProperties(directory, meta);
    expect(readMetaProperties(directory)).toEqual(meta);
    expect(fs.readdirSync(directory)).toEqual(['meta.properties']);
    const kafka = `#\n#Sat Aug 01 10:00:00 UTC 2026\ncluster.id=${meta.clusterId}\nversion=1\ndirectory.id=${meta.directoryId}\nnode.id=3\n`;
    fs.writeFileSync(join(directory, 'meta.properties'), kafka);
    expect(readMetaProperties(directory)).toEqual(meta);
    await expect(writeMetaProperties(join(directory, 'missing'), meta)).rejects.toThrow('ENOENT');
  });

  it.each([
    ['node.id=1\ncluster.id=c\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAQ\n', 'version is missing'],
    [
      'version=0\nnode.id=1\ncluster.id=c\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAQ\n',
      'version is "0": allowed is 1',
    ],
    [
      'version=1\nnode.id=x\ncluster.id=c\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAQ\n',
      'node.id is "x": allowed is a whole number',
    ],
    ['version=1\nnode.id=1\ncluster.id=c\ndirectory.id=d\n', 'directory.id is "d": allowed is a UUID'],
    ['version=1\nnode.id=1\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAQ\n', 'cluster.id is missing'],
  ])('says what is wrong with %j', (text, problem) => {
    const directory = temporaryDirectory();
    fs.writeFileSync(join(directory, 'meta.properties'), text);
    expect(() => readMetaProperties(directory)).toThrow(problem);
  });
});

describe('the secret', () => {
  it('is made once, for its owner alone, and read as it is', () => {
    const path = join(temporaryDirectory(), 'cluster.secret');
    createSecretFile(path);
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    expect(readSecretFile(path)).toHaveLength(43);
    expect(readSecretFile(path)).toEqual(readSecretFile(path));
    expect(() => createSecretFile(path)).toThrow('exists already');
  });

  it('is copied for its owner alone, and never over another', () => {
    const [one, other] = [join(temporaryDirectory(), 'one'), join(temporaryDirectory(), 'deep/other')];
    createSecretFile(one);
    copySecretFile(one, other);
    expect(fs.statSync(other).mode & 0o777).toBe(0o600);
    expect(readSecretFile(other)).toEqual(readSecretFile(one));
    expect(() => copySecretFile(one, other)).toThrow('exists already');
  });

  it('is refused when others can read it, or when it is short', () => {
    const path = join(temporaryDirectory(), 'cluster.secret');
    fs.writeFileSync(path, 'short\n', { mode: 0o600 });
    expect(() => readSecretFile(path)).toThrow('at least 32 are needed');
    fs.chmodSync(path, 0o644);
    expect(() => readSecretFile(path)).toThrow('can be read by others (mode 644)');
  });
});
