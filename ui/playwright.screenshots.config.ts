import { defineConfig } from '@playwright/test'
import base from './playwright.config.ts'

// `npm run screenshots`: not a test, so it stands apart from them.
export default defineConfig({ ...base, testDir: 'screenshots', testMatch: '*.shots.ts', workers: 1 })
