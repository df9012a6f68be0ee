import * as fs from 'node:fs';
import { dirname } from 'node:path';

/** Writes a small file whole and durably, at once: for what is written before a node lives. Windows syncs no directories. */
export function replaceFileNow(path: string, text: string, mode = 0o644): void {
  const temporary = `${path}.tmp`;
  fs.rmSync(temporary, { force: true });
  const fd = fs.openSync(temporary, 'wx', mode);
  try {
    fs.writeFileSync(fd, text);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(temporary, path);
  if (process.platform === 'win32') return;
  const directory = fs.openSync(dirname(path), 'r');
  try {
    fs.fsyncSync(directory);
  } finally {
    fs.closeSync(directory);
  }
}
