import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Identifies the host's uptime: another value after a reboot; undefined where the system does not tell. */
export function readBootId(platform: NodeJS.Platform = process.platform): string | undefined {
  try {
    if (platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    if (platform === 'darwin')
      return execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
    return undefined;
  } catch {
    // A sandbox without /proc or sysctl: unknown is a true answer, and the restart class is then the careful one.
    return undefined;
  }
}
