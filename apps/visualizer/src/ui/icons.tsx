// Signs that fonts may lack, drawn.

const shapes = {
  play: 'M4 2.500l9 5.5-9 5.5z',
  pause: 'M4 2.500h3v11H4zM9 2.500h3v11H9z',
  back: 'M12.500 2.500v11L5.500 8zM3 2.500h2v11H3z',
  on: 'M3.500 2.500v11L10.500 8zM11 2.500h2v11h-2z',
  bolt: 'M9 1L3 9h4l-1 6 7-8.500H8.500z',
  close: 'M4 3l4 4 4-4 1 1-4 4 4 4-1 1-4-4-4 4-1-1 4-4-4-4z',
  theme: 'M8 1.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13zM8 3v10A5 5 0 0 0 8 3z',
} as const;

export function Icon({ name }: { readonly name: keyof typeof shapes }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
      <path d={shapes[name]} fill-rule="evenodd" />
    </svg>
  );
}
