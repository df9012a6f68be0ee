// A value that changes often, as it is every so many milliseconds, and at last as it stays.

import { useEffect, useRef, useState } from 'preact/hooks';

export function useSettled<Value>(value: Value, everyMs: number): Value {
  const [settled, setSettled] = useState(value);
  const latest = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  latest.current = value;
  useEffect(() => {
    if (timer.current !== undefined || value === settled) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setSettled(latest.current);
    }, everyMs);
  }, [value, settled, everyMs]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return settled;
}
