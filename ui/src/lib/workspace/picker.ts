// Where paths come from: a host with dialogs of its own puts them here; without them a person types the path.

export interface Picker {
  /** A workspace file to open; nothing if the person does not want to any more. */
  open: () => Promise<string | undefined>
  /** A file to save under, which the person has agreed to overwrite if it is there. */
  save: (suggestion: string) => Promise<string | undefined>
}

let picker: Picker | undefined

/** The dialogs of the host from now on. */
export function provide(dialogs: Picker): void {
  picker = dialogs
}

export function hostPicker(): Picker | undefined {
  return picker
}
