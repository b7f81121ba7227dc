// The page as one file: the list that can be read without JavaScript makes room for the page itself, over what is in the file.

import './styles/tokens.css'
import './styles/base.css'
import { mount } from 'svelte'
import { Archive } from '$lib/file/archive'
import FileApp from '$lib/file/FileApp.svelte'
import { transportOf } from '$lib/file/server'
import { Session } from '$lib/store/session.svelte'
import { themes } from '$lib/store/theme.svelte'
import { openFile } from '$lib/transport'

const texts = (selector: string) => [...document.querySelectorAll(selector)].map((element) => element.textContent ?? '')

async function begin() {
  const [start] = texts('script.start')
  const target = document.getElementById('app')
  const list = document.getElementById('list')
  if (!start || !target || typeof DecompressionStream === 'undefined') return
  const archive = await Archive.open(start, texts('script.block'))
  openFile(transportOf(archive))
  // The list has a style sheet of its own, which goes with it.
  for (const style of document.querySelectorAll('style')) style.remove()
  const style = document.createElement('style')
  style.textContent = texts('#inspector-style')[0] ?? ''
  document.head.append(style)
  themes.start()
  list?.remove()
  target.hidden = false
  const { version, warning } = archive.start
  mount(FileApp, { target, props: { session: new Session(), version, warning } })
}

void begin()
