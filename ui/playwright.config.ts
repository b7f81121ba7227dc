import { defineConfig, devices } from '@playwright/test'

// Browser tests of the page that the headless binary serves. Each test starts its own server: see e2e/server.ts.
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  forbidOnly: Boolean(process.env['CI']),
  workers: 2,
  // A busy machine can be late once; a test that needs this is listed as flaky.
  retries: process.env['CI'] ? 2 : 0,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: [['list']],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: {
      // The system's browser; downloading one is neither needed nor wanted.
      executablePath: process.env['SCIMSCOPE_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
