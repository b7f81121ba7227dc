// The desktop's file dialogs for the workspace.

import { strings } from '$lib/strings'
import type { Host } from '$lib/transport/host'
import type { Picker } from '$lib/workspace/picker'

const EXTENSION = 'scimscope'

/** Dialogs of this host. */
export function picker(host: Host): Picker {
  const texts = strings.workspace
  const ask = async (save: boolean, title: string, deed: string, name: string | null) => {
    const suggestion = name && !name.endsWith(`.${EXTENSION}`) ? `${name}.${EXTENSION}` : name
    const kind = strings.desktop.workspaces
    return (
      (await host.chooseFile({ save, title, deed, cancel: strings.cancel, kind, extension: EXTENSION, suggestion })) ??
      undefined
    )
  }
  return {
    open: () => ask(false, texts.openTitle, texts.openDeed, null),
    save: (suggestion) =>
      ask(
        true,
        suggestion ? texts.saveAsTitle : texts.createTitle,
        suggestion ? texts.save : texts.createDeed,
        suggestion || null,
      ),
  }
}
