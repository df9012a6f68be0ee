// The scenes: a list of them, and the map while one of them is shown.

import { useEffect } from 'preact/hooks';
import { addressOf } from '../app/routes.ts';
import { useConsole } from '../app/the-console.ts';
import { MapPage } from '../map/map-page.tsx';
import { isServedByNode, openUsual } from '../sources/begin.ts';
import { isTabSource } from '../tab/tab-source.ts';
import { scenes } from './all.ts';
import { openScene, sceneInAddress, sceneOf } from './open-scene.ts';
import type { Scene } from './scene.ts';

export function ScenesPage() {
  const asked = sceneInAddress();
  return asked === undefined ? <SceneList /> : <SceneMap key={asked.id} scene={asked} />;
}

/** The map of a scene; the words are beside it, on every page (`scene-panel.tsx`). */
function SceneMap({ scene }: { readonly scene: Scene }) {
  const console = useConsole();
  useEffect(() => {
    if (sceneOf(console) !== scene) openScene(console, scene);
  }, [console, scene]);
  return <MapPage />;
}

function SceneList() {
  const console = useConsole();
  // Another source changes the state, and so this list is drawn again.
  console.state.value;
  const isFree = isTabSource(console.source) && console.source.scene === undefined;
  return (
    <>
      <div class="title">
        <h1>Scenes</h1>
        <p class="soft">
          Each is a small cluster in this tab, with words beside it. It stops where something matters; you may
          leave it anywhere and break things yourself.
        </p>
      </div>
      <ol class="scene-list">
        {scenes.map(({ id, title, about, moments }, at) => (
          <li key={id}>
            <a class="card" href={addressOf('scenes', [id])} data-scene={id}>
              <span class="faint mono">{at + 1}</span>
              <strong>{title}</strong>
              <span class="soft">{about}</span>
              <span class="faint small">{moments.length} moments</span>
            </a>
          </li>
        ))}
      </ol>
      <p class="row">
        {isFree ? (
          <a class="button" href={addressOf('map')}>
            Back to the map
          </a>
        ) : (
          <button
            type="button"
            onClick={() => {
              openUsual(console);
              location.hash = addressOf('map');
            }}
          >
            {isServedByNode()
              ? 'Back to the cluster that serves this page'
              : 'No scene: a cluster to play with'}
          </button>
        )}
      </p>
    </>
  );
}
