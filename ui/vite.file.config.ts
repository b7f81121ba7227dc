import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The frame of the page has other screens in a file: the others would only make it larger. */
const fewerScreens: Plugin = {
  name: 'fewer-screens',
  enforce: 'pre',
  resolveId(source, importer) {
    const isScreens = /(^\.|\$lib\/shell)\/screens$/.test(source)
    return isScreens && importer?.includes('/lib/shell/') ? here('./src/lib/file/screens.ts') : null
  },
}

/** A file has no scripts beside it; what would start one is never reached there. */
const noWorkers: Plugin = {
  name: 'no-workers',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('/WholeBody.svelte')) return null
    return code.replace(/new Worker\(new URL\([^)]*\), \{[^}]*\}\)/, 'undefined as unknown as Worker')
  },
}

// The page for a file of its own, which `scimscope export --to html` writes around its data: one script and one style sheet.
export default defineConfig({
  plugins: [fewerScreens, noWorkers, svelte()],
  resolve: { alias: { $lib: here('./src/lib') } },
  publicDir: false,
  build: {
    target: 'safari16',
    outDir: 'dist/file',
    emptyOutDir: true,
    cssCodeSplit: false,
    lib: {
      entry: here('./src/file.ts'),
      formats: ['iife'],
      name: 'scimscope',
      fileName: () => 'inspector.js',
      cssFileName: 'inspector',
    },
  },
})
