import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

/**
 * Which room may import which others (docs/architecture.md, "Rooms"): one direction only. A room that is not named here
 * (composition, demo, cli) may import all.
 */
const mayImport = {
  'src/domain': [],
  'src/engine': ['domain'],
  'src/adapters': ['domain', 'engine', 'config', 'telemetry'],
  'src/http': ['domain', 'engine', 'config', 'telemetry', 'sdk', 'policy'],
  'src/policy': ['engine', 'config'],
  'src/convert': ['config'],
  'src/config': [],
  'src/telemetry': [],
  'src/lab': [],
  'src/sdk': [],
  'src/vnfm': ['sdk'],
  'src/inspector': ['sdk'],
  'src/simulation': ['domain', 'engine'],
  'src/inventory': ['domain', 'engine'],
  db: ['domain', 'engine'],
};

/** Rooms without input and output: nothing of Node.js either. */
const pure = ['src/domain', 'src/engine'];

const rooms = [
  ...Object.keys(mayImport).map((room) => room.replace('src/', '')),
  'composition',
  'demo',
  'cli',
];

/** A room imports others as '../engine/x.ts' or '../../db/x.ts'; its own files as './x.ts'. */
const roomRules = Object.entries(mayImport).map(([room, allowed]) => {
  const own = room.replace('src/', '');
  const forbidden = rooms.filter((other) => other !== own && !allowed.includes(other));
  const message = `${room} may import ${allowed.join(', ') || 'no other room'} (docs/architecture.md)`;
  const patterns = forbidden.map((other) => ({ regex: `^(\\.\\./)+${other}/`, message }));
  if (pure.includes(room))
    patterns.push({ regex: '^node:', message: `${room} has no input or output of its own` });
  return { files: [`${room}/**/*.ts`], rules: { 'no-restricted-imports': ['error', { patterns }] } };
});

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'src/sdk/openapi.ts', 'src/http/doctor/openapi.ts', 'node_modules'] },
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
