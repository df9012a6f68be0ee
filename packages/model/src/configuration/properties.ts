// Java's property files, as Kafka's `server.properties` is one: name=value, name: value or name value; # and ! begin comments; a
// backslash at the end joins lines.

/** The entries of a property file; of a name given twice the last. */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const parts = /^((?:\\.|[^\\\s=:])+)\s*[=:\s]?\s*(.*)$/s.exec(line);
    if (parts !== null) entries.set(unescaped(parts[1] ?? ''), unescaped(parts[2] ?? '').trimEnd());
  }
  return entries;
}

function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let joined: string | undefined;
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line = natural.trimStart();
    if (joined === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const whole: string = (joined ?? '') + line;
    const backslashes = /\\*$/.exec(whole)?.[0].length ?? 0;
    joined = backslashes % 2 === 1 ? whole.slice(0, -1) : undefined;
    if (joined === undefined) lines.push(whole);
  }
  if (joined !== undefined) lines.push(joined);
  return lines;
}

const letters: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, letter: string) =>
    code === undefined ? (letters[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
