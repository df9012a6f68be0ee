import { describe, expect, it } from 'vitest';
import { checkImports } from '../check-imports.ts';
import { house, manifest, messages } from './sample-house.ts';

const format = {
  'packages/format/package.json': manifest('format'),
  'packages/format/src/index.ts': 'export {};',
};

describe('the check of imports', () => {
  it('accepts imports that point down through the public face, and tests that use tools of the root', () => {
    const root = house({
      ...format,
      'packages/model/package.json': manifest('model', ['format']),
      'packages/model/src/index.ts': "export * from './nouns.ts';\n// import '@odradek/core' in a comment",
      'packages/model/src/nouns.ts':
        "import { x } from '@odradek/format';\nexport const text = `import '@odradek/core'` + x;",
      'packages/model/test/nouns.test.ts': "import 'vitest';\nimport 'node:fs';\nimport '../src/nouns.ts';",
    });
    expect(messages(checkImports(root))).toEqual([]);
  });

  it('refuses an import that points up, in source and in tests', () => {
    const root = house({
      'packages/format/package.json': manifest('format', ['model']),
      'packages/format/src/index.ts': "\nexport type { Noun } from '@odradek/model';",
      'packages/format/test/index.test.ts': "type T = import('@odradek/model').Noun;",
      'packages/model/package.json': manifest('model'),
    });
    expect(messages(checkImports(root))).toEqual([
      'packages/format/package.json: depends on @odradek/model, which is not below it',
      'packages/format/src/index.ts:2: imports @odradek/model, which is not below it',
      'packages/format/test/index.test.ts:1: imports @odradek/model, which is not below it',
    ]);
  });

  it('lets tests, and only them, use the test support that a package exports', () => {
    const exported = { exports: { './contract': './test-support/contract.ts' } };
    const root = house({
      'packages/model/package.json': JSON.stringify({
        name: '@odradek/model',
        version: '0.1.0',
        ...exported,
      }),
      'packages/storage/package.json': manifest('storage', ['model']),
      'packages/storage/test/a.ts': "import '@odradek/model/contract';",
      'packages/storage/test/b.ts': "import '@odradek/model/other';",
      'packages/storage/src/c.ts': "import '@odradek/model/contract';",
    });
    expect(messages(checkImports(root))).toEqual([
      'packages/storage/src/c.ts:1: imports @odradek/model/contract, past the public face @odradek/model',
      'packages/storage/test/b.ts:1: imports @odradek/model/other, past the public face @odradek/model',
    ]);
  });

  it('lets apps and tools use the drawings that a package has beside its face; packages know none', () => {
    const root = house({
      'packages/model/package.json': manifest('model'),
      'packages/storage/package.json': manifest('storage', ['model']),
      'packages/storage/src/a.ts': "import '@odradek/model/diagrams';",
      'apps/cluster/package.json': manifest('cluster', ['model']),
      'apps/cluster/src/b.ts': "import '@odradek/model/diagrams';\nimport '@odradek/model/other';",
    });
    expect(messages(checkImports(root))).toEqual([
      'packages/storage/src/a.ts:1: imports @odradek/model/diagrams, past the public face @odradek/model',
      'apps/cluster/src/b.ts:2: imports @odradek/model/other, past the public face @odradek/model',
    ]);
  });

  it('refuses ways around the public face', () => {
    const root = house({
      ...format,
      'packages/model/package.json': manifest('model', ['format']),
      'packages/model/src/a.ts': "import '@odradek/format/src/bytes.ts';",
      'packages/model/src/b.ts': "import '../../format/src/index.ts';",
      'packages/model/src/c.ts': "import '@odradek/model';",
    });
    expect(messages(checkImports(root))).toEqual([
      'packages/model/src/a.ts:1: imports @odradek/format/src/bytes.ts, past the public face @odradek/format',
      'packages/model/src/b.ts:1: reaches out of its room: ../../format/src/index.ts',
      'packages/model/src/c.ts:1: imports itself by name; a relative import is meant',
    ]);
  });

  it('refuses what the package.json does not list', () => {
    const root = house({
      ...format,
      'packages/model/package.json': manifest('model'),
      'packages/model/src/a.ts': "import '@odradek/format';\nimport 'ws';\nimport 'vitest';",
    });
    expect(messages(checkImports(root))).toEqual([
      'packages/model/src/a.ts:1: imports @odradek/format, which its package.json does not list',
      'packages/model/src/a.ts:2: imports ws, which its package.json does not list',
      'packages/model/src/a.ts:3: imports vitest, which its package.json does not list',
    ]);
  });

  it('refuses an app as a dependency, a wrong version and a room without a place', () => {
    const root = house({
      'apps/cluster/package.json': manifest('cluster'),
      'packages/format/package.json': manifest('format', [], '0.2.0'),
      'packages/model/package.json': manifest('model', ['format', 'cluster']),
      'packages/attic/package.json': manifest('attic'),
    });
    expect(messages(checkImports(root)).sort()).toEqual([
      'packages/attic/package.json: is a room without a place: add it to roomsBelow in tools/workspace.ts',
      'packages/model/package.json: depends on @odradek/cluster, which is not below it',
      'packages/model/package.json: depends on @odradek/format 0.1.0, but its version is 0.2.0',
    ]);
  });

  it('refuses circles inside a package, also of types', () => {
    const root = house({
      'packages/format/package.json': manifest('format'),
      'packages/format/src/a.ts': "import './b.ts';",
      'packages/format/src/b.ts': "import type { C } from './c.ts';",
      'packages/format/src/c.ts': "export * from './a.ts';",
    });
    expect(messages(checkImports(root))).toEqual([
      'packages/format/src/a.ts: imports itself in a circle: packages/format/src/a.ts -> packages/format/src/b.ts -> packages/format/src/c.ts -> packages/format/src/a.ts',
    ]);
  });

  it('reports a half-written file and goes on', () => {
    const root = house({
      'packages/format/package.json': manifest('format'),
      'packages/format/src/a.ts': 'const = ;',
      'packages/format/src/b.ts': "import 'ws';",
    });
    expect(messages(checkImports(root))).toEqual([
      expect.stringContaining('packages/format/src/a.ts: does not parse'),
      'packages/format/src/b.ts:1: imports ws, which its package.json does not list',
    ]);
  });
});
