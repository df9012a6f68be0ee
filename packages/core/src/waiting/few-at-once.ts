// Many things of the same kind that would each hold up the event loop for a moment, or hold a file and a buffer: a few at a time.

/**
 * Orders `order` for each item, at most `most` of them under way at a time, and calls `done` once all have ended: at once if there are
 * none. `ended` must be called later, never within the order.
 */
export function fewAtOnce<Item>(
  items: Iterable<Item>,
  most: number,
  order: (item: Item, ended: () => void) => void,
  done: () => void,
): void {
  const waiting = items[Symbol.iterator]();
  let underWay = 0;
  const start = (): void => {
    while (underWay < most) {
      const next = waiting.next();
      if (next.done === true) break;
      underWay += 1;
      order(next.value, ended);
    }
    if (underWay === 0) done();
  };
  const ended = (): void => {
    underWay -= 1;
    start();
  };
  start();
}
