import { defineConfig } from '@playwright/test'
import base from './playwright.config.ts'

// `cargo xtask measure page` runs this; it asserts nothing about times, so it stands apart from the tests.
export default defineConfig({
  ...base,
  testDir: 'measure',
  testMatch: '*.measure.ts',
  workers: 1,
  timeout: 300_000,
  use: { ...base.use, trace: 'off' },
})
