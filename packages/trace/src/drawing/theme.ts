// The colours of a drawing, on light and on dark ground.

export interface Palette {
  readonly ground: string;
  /** States with states inside, by depth, the outermost first; deeper ones take the last. */
  readonly frames: readonly string[];
  readonly state: string;
  readonly frameBorder: string;
  readonly stateBorder: string;
  readonly line: string;
  readonly label: string;
  readonly name: string;
  readonly text: string;
  readonly quiet: string;
  readonly guard: string;
  readonly action: string;
}

export const lightPalette: Palette = {
  ground: '#ffffff',
  frames: ['#f6f7f9', '#eceff3', '#e3e7ed', '#dae0e8'],
  state: '#ffffff',
  frameBorder: '#b6bfcb',
  stateBorder: '#64748b',
  line: '#64748b',
  label: '#fffdf5',
  name: '#0f172a',
  text: '#1e293b',
  quiet: '#55616f',
  guard: '#8a3f00',
  action: '#1d5a96',
};

export const darkPalette: Palette = {
  ground: '#0d1117',
  frames: ['#131922', '#1a212c', '#212a37', '#283343'],
  state: '#0d1117',
  frameBorder: '#3d4856',
  stateBorder: '#8b98a9',
  line: '#8b98a9',
  label: '#1c1a14',
  name: '#f1f5f9',
  text: '#dbe2ea',
  quiet: '#9aa7b6',
  guard: '#f0b06a',
  action: '#8cc2f5',
};

/** The fonts whose widths `text.ts` knows, or narrower ones. */
export const fontFamily =
  "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans Condensed', sans-serif";
