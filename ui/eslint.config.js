import js from '@eslint/js'
import globals from 'globals'
import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

const oneDoor =
  'Call the control API through $lib/api/api.ts. Its bodies are strings or bytes; a Blob, File or FormData ends the WebKitGTK process.'

export default ts.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'playwright-report', 'src/lib/api/schema.d.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      // TypeScript knows every name; this rule does not know types.
      'no-undef': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      eqeqeq: ['error', 'always'],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    // Collections are replaced as a whole, or are stores that say themselves when they changed, once a frame.
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
  {
    files: ['src/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: oneDoor },
        { name: 'XMLHttpRequest', message: oneDoor },
        { name: 'FormData', message: oneDoor },
        { name: 'EventSource', message: 'Live events come through $lib/transport.' },
        { name: 'WebSocket', message: 'Live events come through $lib/transport.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'window', property: 'fetch', message: oneDoor },
        { object: 'globalThis', property: 'fetch', message: oneDoor },
        { object: 'navigator', property: 'sendBeacon', message: oneDoor },
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@tauri-apps/*'], message: 'Only $lib/transport/tauri.ts knows the desktop host.' }] },
      ],
      'no-console': 'error',
    },
  },
  { files: ['src/lib/api/api.ts'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['src/lib/transport/browser.ts'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['src/lib/transport/tauri.ts'], rules: { 'no-restricted-imports': 'off' } },
)
