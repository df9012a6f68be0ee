// What a schedule does to a world, as a sentence for people.

import type { NodeId } from '@odradek/model';

type Words = readonly string[];
type Sentence = (words: Words) => string;

/** The sentence about a statement; undefined where there is nothing to tell. `meant`: the node that a word means. */
export function statementWords(
  verb: string,
  words: Words,
  meant: (word: string) => NodeId | undefined,
): string | undefined {
  const sentence = sentences[verb];
  const named = (word: string): string => `${meant(word) ?? word}`;
  // Ways are written as 1>2 and 1|2; what is no name stays as it is.
  const resolved = words.map((word) =>
    word
      .split(/([>|])/)
      .map((part) => (/[>|]/.test(part) ? part : named(part)))
      .join(''),
  );
  return sentence?.(resolved);
}

const nodes = (words: Words): string => {
  const ids = words.filter((word) => !word.includes('='));
  return ids.length > 1 ? `nodes ${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}` : `node ${ids[0] ?? ''}`;
};

const verb = (words: Words, one: string, many: string): string => (words.length > 1 ? many : one);

function way(text: string): string {
  const [from = '', sign, to = ''] = text.split(/([>|])/);
  const other = to === '*' ? 'everybody else' : to;
  return sign === '>' ? `from ${from} to ${other}` : `between ${from} and ${other}`;
}

function produced([partition = '', ...words]: Words): string {
  const values = words.filter((word) => !word.includes('='));
  const acks = words.find((word) => word.startsWith('acks=')) ?? 'acks=all';
  return `a client sends ${values.join(', ')} to ${partition} (${acks})`;
}

const sentences: Readonly<Record<string, Sentence>> = {
  crash: (words) => `${nodes(words)} ${verb(words, 'is', 'are')} killed: what was written stays on the disk`,
  power: (words) => `the power of ${nodes(words)} fails: what was not flushed may be gone`,
  start: (words) => `${nodes(words)} ${verb(words, 'is', 'are')} started`,
  stop: (words) => `${nodes(words)} ${verb(words, 'is', 'are')} paused, as if its machine hung`,
  cont: (words) => `${nodes(words)} ${verb(words, 'goes', 'go')} on`,
  leave: (words) => `${nodes(words)} ${verb(words, 'is', 'are')} asked to stop in order`,
  wipe: (words) => `${nodes(words)} ${verb(words, 'gets', 'get')} a new, empty disk`,
  full: (words) => `the disk of ${nodes(words)} is full`,
  low: (words) => `the disk of ${nodes(words)} has little room left`,
  free: (words) => `the disk of ${nodes(words)} has room again`,
  cut: (words) => `nothing passes ${words.map(way).join(', ')}`,
  heal: (words) =>
    words.length === 0 ? 'all ways are open again' : `the way ${words.map(way).join(', ')} is open again`,
  slow: ([one = '', ms = '']) =>
    ms === '0' ? `messages ${way(one)} are fast again` : `messages ${way(one)} take ${ms} ms`,
  break: (words) => `the connections ${words.map(way).join(', ')} break`,
  disk: ([id = '', delay = '']) =>
    delay === 'stuck' ? `the disk of node ${id} is stuck` : `the disk of node ${id} takes ${delay} ms`,
  rot: ([id = '', log = '', how = 'flip']) => `the disk of node ${id} damages ${log} (${how})`,
  fail: ([id = '', operation = '', code = 'EIO']) =>
    `the next ${operation} at the disk of node ${id} fails (${code})`,
  wall: ([id = '', ms = '']) => `the wall clock of node ${id} jumps by ${ms} ms`,
  expire: ([id = '', ...timer]) => `the clock of node ${id} runs ahead (${timer.join(' ')})`,
  drop: (words) => `the next message ${words.join(' ')} is lost`,
  dup: (words) => `the next message ${words.join(' ')} comes twice`,
  hold: ([, ...words]) => `messages ${words.join(' ')} are held back`,
  catch: ([, ...words]) => `the next message ${words.join(' ')} is held back`,
  release: () => 'what was held back goes on',
  topic: ([name = '']) => `a client asks for the topic ${name}`,
  recreate: ([name = '']) => `the topic ${name} is deleted and made anew`,
  elect: ([kind = '', partition = '']) => `an operator orders a ${kind} election of ${partition}`,
  configure: ([name = '', ...pairs]) => `an operator sets ${pairs.join(', ')} of the topic ${name}`,
  clients: ([delay = '', share]) =>
    delay === 'prompt'
      ? 'messages of clients are prompt again'
      : `${share === undefined ? 'messages' : `of a hundred messages ${share.slice('of='.length)}`} of clients take ${delay} ms`,
  produce: produced,
  write: ([partition = '', acks = 'acks=all']) => `a client writes to ${partition} without end (${acks})`,
  'stop-writing': () => 'the clients stop writing',
  read: ([partition = '', from = 'from=0']) =>
    `a reader begins at offset ${from.slice('from='.length)} of ${partition}`,
};
