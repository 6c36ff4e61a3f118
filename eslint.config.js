import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

/**
 * Which room may not import which other (docs/architecture.md, "Rooms"). One direction only:
 * http, cli, adapters, db -> engine -> domain; the lab, the SDK and the sample clients know nothing of the server.
 */
const forbidden = {
  'src/domain': [
    'engine',
    'adapters',
    'http',
    'config',
    'telemetry',
    'lab',
    'sdk',
    'vnfm',
    'inspector',
    'cli',
    'demo',
    'db',
    'node:*',
  ],
  'src/engine': [
    'adapters',
    'http',
    'config',
    'telemetry',
    'lab',
    'sdk',
    'vnfm',
    'inspector',
    'cli',
    'demo',
    'db',
    'node:*',
  ],
  'src/adapters': ['http', 'lab', 'sdk', 'vnfm', 'inspector', 'cli', 'demo', 'db'],
  'src/http': ['adapters', 'lab', 'vnfm', 'inspector', 'cli', 'demo', 'db'],
  'src/config': [
    'domain',
    'engine',
    'adapters',
    'http',
    'lab',
    'sdk',
    'vnfm',
    'inspector',
    'cli',
    'demo',
    'db',
  ],
  'src/telemetry': [
    'domain',
    'engine',
    'adapters',
    'http',
    'lab',
    'sdk',
    'vnfm',
    'inspector',
    'cli',
    'demo',
    'db',
  ],
  'src/lab': [
    'domain',
    'engine',
    'adapters',
    'http',
    'config',
    'sdk',
    'vnfm',
    'inspector',
    'cli',
    'demo',
    'db',
  ],
  'src/sdk': [
    'domain',
    'engine',
    'adapters',
    'http',
    'config',
    'telemetry',
    'lab',
    'vnfm',
    'inspector',
    'cli',
    'demo',
    'db',
  ],
  'src/vnfm': [
    'domain',
    'engine',
    'adapters',
    'http',
    'config',
    'telemetry',
    'lab',
    'inspector',
    'cli',
    'demo',
    'db',
  ],
  'src/inspector': [
    'domain',
    'engine',
    'adapters',
    'http',
    'config',
    'telemetry',
    'lab',
    'vnfm',
    'cli',
    'demo',
    'db',
  ],
  db: ['adapters', 'http', 'config', 'telemetry', 'lab', 'sdk', 'vnfm', 'inspector', 'cli', 'demo'],
};

/** Rooms import each other as '../engine/x.ts' or '../../db/x.ts'; a room's own files as './x.ts'. */
const roomRules = Object.entries(forbidden).map(([room, targets]) => ({
  files: [`${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: targets.map((target) =>
          target.startsWith('node:')
            ? { group: [target], message: `${room} is pure: no input or output, clock or environment here` }
            : {
                regex: `^(\\.\\./)+${target}/`,
                message: `${room} must not import ${target} (docs/architecture.md)`,
              },
        ),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'src/sdk/openapi.ts', 'node_modules'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: dirname(fileURLToPath(import.meta.url)) },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/domain/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'Date',
        'process',
        'setTimeout',
        'setInterval',
        'crypto',
        'fetch',
        'performance',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'ids and chance come in as values' },
      ],
    },
  },
  ...roomRules,
  {
    files: ['test/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
