// What the operating system says, for people.

const texts: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EEXIST: 'it is a file, not a directory',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'it is on a file system that can only be read',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: "this user's share of the disk is used up",
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links go round in a circle',
  EADDRINUSE: 'another program does',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such name is known',
  EMFILE: 'this process has too many files open',
  ENFILE: 'the machine has too many files open',
};

/** Why a file could not be used, in words where the system has only a code. */
export function systemText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return texts[code] ?? error.message;
}
