// A dialog of the platform: it keeps the focus, Escape closes it, and the focus goes back to where it was.

import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly onKey?: (key: string) => boolean;
}

export function Dialog({ title, onClose, children, onKey }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // At once, not after the next frame: the key that comes then would go to the page, and what it has moved to would get the focus back.
  useLayoutEffect(() => {
    const { current: dialog } = element;
    const opener = document.activeElement;
    dialog?.showModal();
    // The platform gives the focus back to it when a dialog is closed, but not when one is taken away while it is open.
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  const press = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    if (event.ctrlKey || event.metaKey || event.altKey || onKey?.(event.key) !== true) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <dialog ref={element} aria-labelledby={id} onClose={onClose} onKeyDown={press}>
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain" onClick={() => element.current?.close()}>
          <Icon name="close" />
          <span class="unseen">Close</span>
        </button>
      </div>
      {children}
    </dialog>
  );
}
