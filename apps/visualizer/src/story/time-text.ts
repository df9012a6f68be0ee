// Times of tellers in words: of the wall's clock, or virtual ones that begin at zero.

/** Beyond it a time is one of the wall: March 1973. Virtual ones never get there. */
const wallBeginsMs = 1e11;

export function timeText(timeMs: number): string {
  if (timeMs < wallBeginsMs) return `${(timeMs / 1000).toFixed(3)} s`;
  const date = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `2.5 s`, `3 min 20 s` */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
