// Takes a picture and keeps it small: the browser itself makes a WebP of it, a fifth of a PNG.

import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Page } from '@playwright/test'

const FOLDER = process.env['SCIMSCOPE_SCREENSHOTS'] ?? resolve(import.meta.dirname, '../../docs/images')
const QUALITY = 0.78

/** Writes what the page shows to docs/images, or where SCIMSCOPE_SCREENSHOTS says. */
export async function picture(page: Page, name: string): Promise<void> {
  // What the pointer is over looks otherwise.
  await page.mouse.move(2, 2)
  const png = (await page.screenshot({ animations: 'disabled', caret: 'hide' })).toString('base64')
  const desk = await page.context().newPage()
  const webp = await desk.evaluate(
    async ([png, quality]) => {
      const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
      const canvas = new OffscreenCanvas(image.width, image.height)
      canvas.getContext('2d')?.drawImage(image, 0, 0)
      const blob = await canvas.convertToBlob({ type: 'image/webp', quality })
      let text = ''
      for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte)
      return btoa(text)
    },
    [png, QUALITY] as const,
  )
  await desk.close()
  writeFileSync(resolve(FOLDER, `${name}.webp`), Buffer.from(webp, 'base64'))
}
