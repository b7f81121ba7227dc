// Lays long texts out beside the page, so that the page does not wait.

import { cut, laidOut } from './lines'

addEventListener('message', (event: MessageEvent<{ bytes: ArrayBuffer; json: boolean }>) => {
  const { bytes, json } = event.data
  const text = new TextDecoder().decode(bytes)
  const lines = cut(json ? laidOut(text) : text)
  postMessage(lines, { transfer: [lines.starts.buffer] })
})
