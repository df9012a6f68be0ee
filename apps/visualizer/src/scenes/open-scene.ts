// A scene is opened by its address, `#/scenes/offset`: so it has a link, and the back button leaves it.

import { route } from '../app/routes.ts';
import type { Console } from '../console/console.ts';
import { isTabSource, tabSource } from '../tab/tab-source.ts';
import { scenes } from './all.ts';
import type { Scene } from './scene.ts';

/** The scene that the address names. */
export function sceneInAddress(): Scene | undefined {
  const { view, rest } = route.value;
  return view === 'scenes' ? scenes.find(({ id }) => id === rest[0]) : undefined;
}

/** Begins a scene, from its beginning. */
export function openScene(console: Console, scene: Scene | undefined): void {
  if (scene !== undefined) console.open(tabSource({ scene: scene.id, about: scene.title }));
}

/** The scene that the source began with, whether it was left since or not. */
export function sceneOf(console: Console): Scene | undefined {
  const { source } = console;
  return isTabSource(source) ? scenes.find(({ id }) => id === source.scene) : undefined;
}

/** Whether a scene goes on, or waits for its visitor: not once it was left. */
export function isSceneGoing({ source }: Console): boolean {
  return isTabSource(source) && source.state.value?.scene !== undefined;
}
