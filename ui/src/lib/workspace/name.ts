// What a workspace is called.

import { strings } from '$lib/strings'

/** The name of a file without its folder. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).pop() ?? path
}

/** The folder of a file. */
export function folderOf(path: string): string {
  return path.slice(0, path.length - fileName(path).length - 1)
}

/** What the open workspace is called: the name of its file if it is one that stays. */
export function workspaceName(workspace: { kind: string; path?: string | null | undefined }): string {
  return workspace.kind === 'temporary' || !workspace.path ? strings.workspace.temporaryName : fileName(workspace.path)
}

/** Whether what happens in it is gone at the end, unless it is saved. */
export function isPassing(workspace: { kind: string; state: string }): boolean {
  return workspace.kind === 'temporary' || workspace.state === 'read_only'
}
