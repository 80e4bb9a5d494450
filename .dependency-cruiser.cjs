/**
 * Import directions, as in the table of rooms in ARCHITECTURE.md. A file outside a room or folder enters a folder through
 * its door (`index.ts`, or `door.ts` for types alone); type imports count like any other.
 */
const door = '(^|/)(index|door)\\.ts$';
const tests = '(\\.test\\.ts$|-testing\\.ts$|/testing/|/test/|/tests/|/bench/)';

/** Room → rooms of ours that it may import. */
const mayImport = {
  contracts: [],
  sip: [],
  media: [],
  core: ['contracts'],
  server: ['contracts', 'sip', 'media', 'core'],
  sim: ['contracts', 'sip', 'media', 'core', 'server'],
  console: ['contracts', 'core'],
  // What plays the world outside in tests of the server plays it here too.
  e2e: ['contracts', 'sip', 'media', 'sim', 'server/test'],
};

const directions = Object.entries(mayImport).map(([room, allowed]) => ({
  name: `${room}-imports`,
  comment: `${room} may import ${allowed.join(', ') || 'nothing of ours'}.`,
  severity: 'error',
  from: { path: `^packages/${room}/` },
  to: { path: '^packages/', pathNot: `^packages/(${[room, ...allowed].join('|')})/` },
}));

/** Third-party packages that a pure room may use; each must itself be pure. */
const pureThirdParty = {
  contracts: ['zod'],
  sip: [],
  media: [],
  core: ['zod', '@marcbachmann/cel-js', 'luxon'],
};

const thirdParties = Object.entries(pureThirdParty).flatMap(([room, allowed]) => [
  {
    name: `${room}-third-party`,
    comment: `${room} is a pure room: it may use ${allowed.join(', ') || 'no third-party package'}.`,
    severity: 'error',
    from: { path: `^packages/${room}/src/`, pathNot: tests },
    to: {
      path: 'node_modules/',
      ...(allowed.length > 0 ? { pathNot: `node_modules/(${allowed.join('|')})/` } : {}),
    },
  },
  {
    name: `${room}-no-node`,
    comment: `${room} is a pure room: it knows neither files nor sockets nor clocks.`,
    severity: 'error',
    from: { path: `^packages/${room}/src/`, pathNot: tests },
    to: { dependencyTypes: ['core'] },
  },
]);

const serverDoors = [
  '^packages/server/src/[^/]+/(index|door)\\.ts$',
  '^packages/server/src/features/[^/]+/(index|door)\\.ts$',
  '^packages/server/src/platform/[^/]+/(index|door)\\.ts$',
  '^packages/server/src/carriers/[^/]+/(index|door)\\.ts$',
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...directions,
    ...thirdParties,
    {
      name: 'room-door',
      comment: 'One room enters another through its index.ts (or a feature door of it), never deeper.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/[^/]+/src/', pathNot: ['^packages/$1/', door] },
    },
    {
      name: 'sim-feature-doors',
      comment: 'The simulator uses the feature doors of the server, not its shell.',
      severity: 'error',
      from: { path: '^packages/sim/' },
      to: {
        path: '^packages/server/',
        pathNot: [
          '^packages/server/src/(index|door)\\.ts$',
          '^packages/server/src/features/[^/]+/(index|door)\\.ts$',
        ],
      },
    },
    {
      name: 'console-flow-interpreter',
      comment: 'Of core, the console may use only the flow interpreter, for the preview in the browser.',
      severity: 'error',
      from: { path: '^packages/console/' },
      to: { path: '^packages/core/', pathNot: '^packages/core/src/ivr/(index|door)\\.ts$' },
    },
    {
      name: 'folder-door',
      comment: 'Folders inside a room meet only through their index.ts (or door.ts, which has types only).',
      severity: 'error',
      from: { path: '^packages/(contracts|sip|media|core|sim)/src/([^/]+)/', pathNot: tests },
      to: {
        path: '^packages/$1/src/[^/]+/',
        pathNot: ['^packages/$1/src/$2/', '^packages/$1/src/[^/]+/(index|door)\\.ts$'],
      },
    },
    {
      name: 'folder-door-from-root',
      comment:
        'The files at the root of a room enter its folders through their index.ts (or door.ts, which has types only).',
      severity: 'error',
      from: { path: '^packages/(contracts|sip|media|core|sim)/src/[^/]+\\.ts$', pathNot: tests },
      to: { path: '^packages/$1/src/[^/]+/', pathNot: '^packages/$1/src/[^/]+/(index|door)\\.ts$' },
    },
    {
      name: 'server-feature-door',
      comment:
        'Features and parts of the platform meet only through their index.ts (or door.ts, which has types only).',
      severity: 'error',
      from: { path: '^packages/server/src/(features|platform|carriers)/([^/]+)/', pathNot: tests },
      to: {
        path: '^packages/server/src/[^/]+/',
        pathNot: ['^packages/server/src/$1/$2/', '^packages/server/src/$1/[^/]+\\.ts$', ...serverDoors],
      },
    },
    {
      name: 'server-folder-door',
      comment: 'Folders of the server meet only through their index.ts (or door.ts, which has types only).',
      severity: 'error',
      from: { path: '^packages/server/src/(?!features/|platform/|carriers/)([^/]+)/', pathNot: tests },
      to: { path: '^packages/server/src/[^/]+/', pathNot: ['^packages/server/src/$1/', ...serverDoors] },
    },
    {
      name: 'tests-only',
      comment: 'The end-to-end harness is for tests.',
      severity: 'error',
      from: { pathNot: '^(packages/e2e|bench)/' },
      to: { path: '^packages/e2e/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle means that two modules are one, or that a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: { pathNot: '^packages/console/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency-in-product',
      comment: 'Product code uses only what is installed in production.',
      severity: 'error',
      from: { path: '^packages/(contracts|sip|media|core|server|sim)/src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(build|dist|generated|\\.svelte-kit|paraglide)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'svelte', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.svelte', '.d.ts'],
    },
    moduleSystems: ['es6'],
  },
};
