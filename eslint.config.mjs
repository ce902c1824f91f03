import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/** Who may import whom (docs: CONTRIBUTING.md). A lib may always import itself. */
const MAY_IMPORT = {
  domain: [],
  config: ['domain'],
  observability: ['config', 'domain', 'auth'],
  messaging: ['domain'],
  auth: ['domain', 'config'],
  health: ['domain', 'auth'],
  nodes: ['domain'],
  jobs: ['domain', 'auth'],
  scheduling: ['domain', 'messaging', 'nodes'],
  execution: ['domain', 'messaging', 'nodes'],
  notification: ['domain', 'jobs', 'nodes', 'execution'],
  persistence: ['domain', 'config', 'jobs', 'nodes', 'scheduling', 'execution', 'notification', 'migrations'],
  migrations: [],
  platform: [
    'domain',
    'config',
    'health',
    'messaging',
    'jobs',
    'nodes',
    'scheduling',
    'execution',
    'notification',
    'persistence',
    'observability',
  ],
  testing: [
    'domain',
    'config',
    'messaging',
    'auth',
    'jobs',
    'nodes',
    'scheduling',
    'execution',
    'notification',
    'persistence',
    'observability',
    'migrations',
  ],
};
const lib = (name) => ({ to: { element: { type: 'lib', captured: { name } } } });
const app = (name) => ({ to: { element: { type: 'app', captured: { name } } } });
const libs = Object.keys(MAY_IMPORT);

const policies = [
  ...libs.map((name) => ({
    from: { element: { type: 'lib', captured: { name } } },
    allow: [name, ...MAY_IMPORT[name]].map(lib),
  })),
  ...['management', 'analysis'].map((name) => ({
    from: { element: { type: 'app', captured: { name } } },
    allow: [app(name), ...libs.filter((l) => l !== 'testing').map(lib)],
  })),
  {
    from: { element: { type: 'app', captured: { name: 'standalone' } } },
    allow: [
      app('standalone'),
      app('management'),
      app('analysis'),
      ...libs.filter((l) => l !== 'testing').map(lib),
    ],
  },
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '**/*.mjs', '**/*.cjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./tsconfig.typecheck.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['{apps,libs}/**/*.ts', 'migrations/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { alwaysTryTypes: true, project: './tsconfig.json' } },
      'boundaries/elements': [
        { type: 'app', pattern: 'apps/*', capture: ['name'] },
        { type: 'lib', pattern: 'libs/*', capture: ['name'] },
        { type: 'lib', pattern: '(migrations)', capture: ['name'] },
      ],
    },
    rules: { 'boundaries/dependencies': ['error', { default: 'disallow', policies }] },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off', 'max-lines': ['error', { max: 500 }] },
  },
);
