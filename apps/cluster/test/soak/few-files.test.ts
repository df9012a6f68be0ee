import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { canLimitFiles, limitFiles } from '../../src/soak/few-files.ts';

it.runIf(canLimitFiles)(
  'D11: a process may open no more than it has open, and then as many as ever',
  async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("runs")'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    // As it starts, Node raises its limit itself to what it may be.
    await once(child.stdout, 'data');
    const limits = (): readonly string[] =>
      /^Max open files +(\S+) +(\S+)/m.exec(readFileSync(`/proc/${child.pid}/limits`, 'utf8'))?.slice(1) ??
      [];
    try {
      const [, most] = limits();
      limitFiles(child.pid ?? 0, true);
      expect(Number(limits()[0])).toBeLessThan(100);
      limitFiles(child.pid ?? 0, false);
      expect(limits()).toEqual([most, most]);
    } finally {
      child.stdin.end();
      await once(child, 'exit');
    }
  },
);
