import { fileURLToPath } from 'node:url';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Folders that may import only from themselves, and the modules that only one folder may import. */
const onlyHostsRunPrograms = {
  group: ['execa', 'child_process', 'node:child_process'],
  message: 'Only source/hosts runs programs.',
};
const onlyScreensDraw = {
  group: ['ink', 'ink-*', 'react', 'react/*'],
  message: 'Only source/screens draws; a headless start never loads Ink.',
};

export default tseslint.config(
  { ignores: ['dist/**', 'dist-bundle/**', 'coverage/**', '**/*.js', '**/*.cjs'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: fileURLToPath(new URL('.', import.meta.url)) },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: false }],
    },
  },
  {
    files: ['source/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [onlyHostsRunPrograms, onlyScreensDraw] }],
    },
  },
  {
    files: ['source/engine/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            onlyHostsRunPrograms,
            onlyScreensDraw,
            { group: ['../*'], message: 'The engine imports nothing outside itself.' },
          ],
        },
      ],
    },
  },
  {
    files: ['source/hosts/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [onlyScreensDraw] }] },
  },
  {
    files: ['source/screens/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      'no-restricted-imports': ['error', { patterns: [onlyHostsRunPrograms] }],
    },
  },
);
