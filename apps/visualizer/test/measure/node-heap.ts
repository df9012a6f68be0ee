// The memory of a process of the cluster, by its inspector.

export interface NodeHeap {
  /** `broker 1`; `up` for the process that runs them. */
  readonly name: string;
  /** Bytes, after all that is garbage was collected: of its heap, and of all that the system holds for it. */
  used(): Promise<{ heap: number; resident: number }>;
  close(): void;
}

/** Undefined when the process has ended, as one that only starts another. */
export async function nodeHeap(inspector: string): Promise<NodeHeap | undefined> {
  const socket = new WebSocket(inspector);
  const waiting = new Map<number, (result: unknown) => void>();
  let asked = 0;
  socket.onmessage = ({ data }) => {
    const { id, result }: { id?: number; result?: unknown } = JSON.parse(String(data));
    if (id === undefined) return;
    waiting.get(id)?.(result);
    waiting.delete(id);
  };
  const isThere = await new Promise<boolean>((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
  if (!isThere) return undefined;
  const ask = (method: string, params: object = {}): Promise<unknown> => {
    asked += 1;
    const id = asked;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => waiting.set(id, resolve));
  };
  const value = async (expression: string): Promise<string> => {
    const answer = await ask('Runtime.evaluate', { expression: `String(${expression})` });
    return (answer as { result: { value: string } }).result.value;
  };
  const [, node] = /(\d+)[^/,]*,--supervised/.exec(await value('process.argv')) ?? [];
  return {
    name: node === undefined ? 'up' : `broker ${node}`,
    async used() {
      await ask('HeapProfiler.collectGarbage');
      const [heap = Number.NaN, resident = Number.NaN] = (
        await value('[process.memoryUsage().heapUsed, process.memoryUsage().rss]')
      )
        .split(',')
        .map(Number);
      return { heap, resident };
    },
    close: () => socket.close(),
  };
}
