// Numbers as sentences have them. Written here, because a platform's own way to write numbers may differ from one to the next, and costs
// whoever asks for it first 30 ms: the tables of all languages are made for it.

/** `1,234,567`, `-0.5`: thousands apart. */
export function numberText(value: number): string {
  const [whole = '', part] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return part === undefined ? grouped : `${grouped}.${part}`;
}

/** `1 record`, `2,000 records` */
export function countedText(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`;
}
