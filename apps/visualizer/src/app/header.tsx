// The head of the page: where one is, what is looked at, and how it looks.

import { openTraceFile } from '../sources/open-file.ts';
import { Icon } from '../ui/icons.tsx';
import { openHelp } from './help.tsx';
import { addressOf, route, type ViewName } from './routes.ts';
import { useConsole } from './the-console.ts';
import { changeTheme, theme } from './theme.ts';

const titles: readonly (readonly [ViewName, string])[] = [
  ['map', 'Map'],
  ['machines', 'Machines'],
  ['story', 'Story'],
  ['topics', 'Topics'],
  ['scenes', 'Scenes'],
];

export function Header() {
  return (
    <header class="head">
      <a class="name" href={addressOf('map')}>
        <Spool />
        Odradek
      </a>
      <nav aria-label="Views">
        <ul>
          {titles.map(([view, title]) => (
            <li key={view}>
              <a href={addressOf(view)} aria-current={route.value.view === view ? 'page' : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="end">
        <SourceWords />
        <OpenFile />
        <button
          type="button"
          class="plain"
          onClick={changeTheme}
          title="Colours: as the system has them, light, or dark"
        >
          <Icon name="theme" /> <span class="theme-name">{theme.value}</span>
        </button>
        <button type="button" class="plain" onClick={openHelp} title="Keys and words (?)">
          <kbd>?</kbd>
          <span class="unseen">Keys and words</span>
        </button>
      </div>
    </header>
  );
}

const sourceWords = {
  empty: 'nothing is open',
  connecting: 'connecting',
  open: 'live',
  disconnected: 'disconnected',
  complete: 'a file',
  failed: 'cannot be opened',
} as const;

function SourceWords() {
  const console = useConsole();
  const { value, context } = console.state.value;
  const isArriving = value.source === 'open' && console.view.value.world.arriving.length > 0;
  return (
    <span class="source" role="status">
      <span class={value.source === 'open' ? 'tag accent' : 'tag'}>
        {isArriving ? 'loading' : sourceWords[value.source]}
      </span>
      <span class="about" title={context.about}>
        {context.about}
      </span>
    </span>
  );
}

/** The button is the label of an input that only the keyboard and screen readers see. */
function OpenFile() {
  const console = useConsole();
  const choose = (event: Event): void => {
    const input = event.currentTarget;
    const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
    if (file !== undefined) void openTraceFile(console, file);
  };
  return (
    <label
      class="open-file button"
      title="Open a trace: a file that was kept here or written by odradek simulate --trace"
    >
      Open
      <input type="file" class="unseen" aria-label="Open a trace" onChange={choose} />
    </label>
  );
}

function Spool() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke-width="2.4" stroke-linecap="round">
      <path d="M8 5h16M8 27h16M11 5v22M21 5v22" />
      <path d="M11 10l10 4M11 15l10 4M11 20l10 4" />
    </svg>
  );
}
