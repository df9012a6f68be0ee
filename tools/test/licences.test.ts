import { join } from 'node:path';
import { expect, it } from 'vitest';
import { licencesOf } from '../licences.ts';
import { house } from './sample-house.ts';

const manifest = (name: string, license: string): string =>
  JSON.stringify({ name, version: '1.2.3', license, homepage: `https://example.org/${name}` });

it('the licence of each package that a bundle has in it is told once, with where its source is', () => {
  const root = house({
    'node_modules/layout/package.json': manifest('layout', 'EPL-2.0'),
    'node_modules/layout/LICENSE.md': 'A long text.',
    'node_modules/@scope/signals/package.json': manifest('@scope/signals', 'MIT'),
    'node_modules/@scope/signals/licence': 'A short text.',
    'node_modules/unused/package.json': manifest('unused', 'GPL-3.0'),
    'packages/model/src/index.ts': '',
  });
  const text = licencesOf(
    [
      'node_modules/layout/lib/a.js',
      'node_modules/layout/lib/b.js',
      'node_modules/@scope/signals/dist/c.js',
      'packages/model/src/index.ts',
    ].map((path) => join(root, path)),
  );
  expect(text.match(/^layout 1\.2\.3, EPL-2\.0\nSource: https:\/\/example\.org\/layout$/gm)).toHaveLength(1);
  expect(text).toContain('A long text.');
  expect(text).toMatch(/^@scope\/signals 1\.2\.3, MIT$/m);
  expect(text).toContain('A short text.');
  expect(text).not.toContain('unused');
});

it('a package without a file of its licence is named with it all the same', () => {
  const root = house({ 'node_modules/bare/package.json': manifest('bare', 'ISC') });
  expect(licencesOf([join(root, 'node_modules/bare/index.js')])).toContain('bare 1.2.3, ISC');
});
