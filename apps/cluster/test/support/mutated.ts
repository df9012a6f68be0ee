// Text as a slip of the hand, a half copy or a bad disk leaves it. By a seed.

import { SeededRandom } from '@odradek/simulator';

const strange = [
  '',
  ' ',
  '=',
  '\n',
  '"',
  '{',
  '\\',
  '\0',
  '#',
  '-1',
  '0',
  '99999999999999999999',
  '1e9',
  'null',
  'é',
  '\u{1f9f5}',
];

/** One to three changes: a character, a line or a number is lost, doubled, moved or put in the place of another. */
export function mutated(text: string, seed: number): string {
  const random = new SeededRandom(seed);
  let changed = text;
  for (let count = random.between(1, 3); count > 0; count--) changed = changedOnce(changed, random);
  return changed;
}

function changedOnce(text: string, random: SeededRandom): string {
  const at = random.between(0, text.length);
  const end = Math.min(text.length, at + random.between(1, 6));
  const lines = text.split('\n');
  const line = random.between(0, lines.length - 1);
  switch (random.between(0, 7)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(end);
    case 2:
      return text.slice(0, at) + random.pick(strange) + text.slice(at);
    case 3:
      return text.slice(0, at) + random.pick(strange) + text.slice(end);
    case 4:
      return (
        text.slice(0, at) +
        String.fromCharCode(text.charCodeAt(at) ^ (1 << random.between(0, 6))) +
        text.slice(at + 1)
      );
    case 5:
      return lines.filter((_, index) => index !== line).join('\n');
    case 6:
      return lines.toSpliced(random.between(0, lines.length), 0, lines[line] ?? '').join('\n');
    default:
      return text.replace(/[^=:,\n]+(?=[,\n]|$)/, random.pick(strange));
  }
}
