// What the values of an event are called where there is little room.

/** Of each place in the event, `fetch.answer.error`, its last name; with the one before it where that is not enough to tell whose it is. */
export function shortNames(names: readonly string[]): string[] {
  const lasts = names.map((name) => lastOf(name, 1));
  return names.map((name, at) => {
    const last = lasts[at] ?? name;
    const isClear = last !== 'id' && lasts.indexOf(last) === lasts.lastIndexOf(last);
    return isClear ? last : lastOf(name, 2);
  });
}

function lastOf(name: string, parts: number): string {
  return name.split('.').slice(-parts).join('.');
}
