// Keys and words, one key away.

import { signal } from '@preact/signals';
import { glossary } from '../glossary/words.ts';
import { Dialog } from '../ui/dialog.tsx';
import { pageKeys } from './keys.ts';

const isOpen = signal(false);

export function openHelp(): void {
  isOpen.value = true;
}

export function Help() {
  if (!isOpen.value) return null;
  return (
    <Dialog
      title="Keys and words"
      onClose={() => {
        isOpen.value = false;
      }}
    >
      <dl class="help">
        {pageKeys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <dl class="help words">
        {Object.entries(glossary).map(([word, meaning]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
