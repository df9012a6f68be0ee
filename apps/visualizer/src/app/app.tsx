// The page: its head, what is to be said about the source, the view that the address names, and the bar of time.

import { useEffect, useRef } from 'preact/hooks';
import { Tip } from '../glossary/tip.tsx';
import { MachinesPage } from '../machines/machines-page.tsx';
import { MapPage } from '../map/map-page.tsx';
import { ScenePanel } from '../scenes/scene-panel.tsx';
import { ScenesPage } from '../scenes/scenes-page.tsx';
import { StoryPage } from '../story/story-page.tsx';
import { TimeBar } from '../story/time-bar.tsx';
import { TabBar } from '../tab/tab-bar.tsx';
import { TopicsPage } from '../topics/topics-page.tsx';
import { OutcomeLine } from '../ui/outcome.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Notice } from './notice.tsx';
import { route, type ViewName } from './routes.ts';

const pages: Readonly<Record<ViewName, () => preact.JSX.Element>> = {
  map: MapPage,
  machines: MachinesPage,
  story: StoryPage,
  topics: TopicsPage,
  scenes: ScenesPage,
};

export function App() {
  const { view, rest } = route.value;
  const Page = pages[view];
  useNewPlace(`${view}/${rest.join('/')}`);
  return (
    <>
      <button type="button" class="skip" onClick={skipToMain}>
        Skip to what is shown
      </button>
      <Header />
      <Notice />
      <TabBar />
      <div class="stage">
        <ScenePanel />
        <main id="main" tabIndex={-1}>
          <Page />
        </main>
      </div>
      <TimeBar />
      <OutcomeLine />
      <Help />
      <Tip />
    </>
  );
}

/**
 * Another view, topic or machine is seen from its top, however far the last one was scrolled. Whoever leaves a view by keys from something that
 * only that view has, goes on in the next one, not at the beginning of the page.
 */
function useNewPlace(address: string): void {
  const last = useRef(address);
  useEffect(() => {
    if (last.current === address) return;
    last.current = address;
    scrollTo(0, 0);
    if (document.activeElement === document.body)
      document.getElementById('main')?.focus({ preventScroll: true });
  }, [address]);
}

function skipToMain(): void {
  document.getElementById('main')?.focus();
}
