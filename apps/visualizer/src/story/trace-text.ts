// All that was told, as a trace file.

import { type Recording, traceWriter } from '@odradek/trace';

export function traceTextOf(recording: Recording, about: string): string {
  const lines: string[] = [];
  const writer = traceWriter(about, (line) => lines.push(line));
  const { start, end } = recording;
  // What was known before the first message that is still remembered.
  if (start > 0) for (const { message, source } of recording.at(start).retold()) writer.tell(message, source);
  for (let position = start; position < end; position++) {
    const heard = recording.heardAt(position);
    if (heard !== undefined) writer.tell(heard.message, heard.source);
  }
  return lines.join('');
}
