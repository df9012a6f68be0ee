// A trace file that is dropped anywhere on the page is opened.

import type { Console } from '../console/console.ts';
import { openTraceFile } from '../sources/open-file.ts';

export function openDroppedFiles(console: Console): void {
  addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
  });
  addEventListener('drop', (event) => {
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    void openTraceFile(console, file);
  });
}
