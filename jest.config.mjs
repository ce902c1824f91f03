/** TypeScript is compiled in memory to CommonJS; ESM packages (all of Nest 12) come in through require(esm). */
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  maxWorkers: 2,
  workerIdleMemoryLimit: '600MB',
  testMatch: ['<rootDir>/{apps,libs,migrations,test,bench}/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  reporters: ['default', '<rootDir>/test/missing-services.reporter.mjs'],
  setupFiles: ['<rootDir>/test/setup.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@ecron/migrations$': '<rootDir>/migrations/index.ts',
    '^@ecron/(management|analysis)$': '<rootDir>/apps/$1/src/index.ts',
    '^@ecron/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: {
          target: 'es2023',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
};
