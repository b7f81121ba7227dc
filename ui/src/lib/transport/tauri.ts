import { Channel, invoke } from '@tauri-apps/api/core'
import type { Batch } from '$lib/api/types'
import type { Host, HostFacts, Saying } from './host'
import type { Transport } from './index'

/** Events through a channel of the desktop host, which waits for acknowledgements so that it never floods the page. */
export const desktop: Transport = {
  subscribe(after, handlers) {
    let ended = false
    const lost = () => {
      if (!ended) handlers.onLost()
      ended = true
    }
    const channel = new Channel<Batch>()
    channel.onmessage = (batch) => {
      if (ended) return
      handlers.onBatch(batch)
      invoke('acknowledge', { pos: batch.pos }).catch(lost)
    }
    invoke('subscribe', { after: after.pos, workspace: after.workspace, channel }).then(() => {
      if (!ended) handlers.onOpen()
    }, lost)
    return () => {
      ended = true
    }
  },
}

/** What only a desktop can do. */
export const host: Host = {
  attach(hear) {
    const channel = new Channel<Saying>()
    channel.onmessage = hear
    return invoke<HostFacts>('attach', { channel })
  },
  setMenu: (menus) => invoke('set_menu', { menus }),
  setTheme: (theme) => invoke('set_theme', { theme }),
  change: (change) => invoke<HostFacts>('change_settings', { change }),
  hideWindow: () => invoke('hide_window'),
  quit: () => invoke('quit'),
  revealData: () => invoke('reveal_data'),
  chooseFile: (asking) => invoke<string | null>('choose_file', { asking }),
  readGiven: (path) => invoke<ArrayBuffer>('read_given', { path }),
  saveFile: (from) => invoke<string>('save_file', { from }),
  openLinks: () => invoke<HostFacts>('open_links'),
}
