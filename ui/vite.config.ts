import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { defineConfig } from 'vitest/config'

const target = process.env['SCIMSCOPE_CONTROL'] ?? 'http://127.0.0.1:8788'

// `vite` proxies the API to a running `scimscope serve`. The server takes calls by cookie from its own page only, so the page
// has to look like one.
export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  resolve: { alias: { $lib: fileURLToPath(new URL('./src/lib', import.meta.url)) } },
  server: {
    proxy: { '/api': { target, changeOrigin: true, headers: { origin: target } } },
  },
  // The oldest engine that the desktop host may bring: WebKitGTK of Debian 12, WKWebView of macOS 13.
  build: { target: 'safari16', assetsInlineLimit: 0 },
  test: {
    environment: 'happy-dom',
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    restoreMocks: true,
    // A busy machine is no failure.
    testTimeout: 60_000,
  },
})
