// What can be done with snapshots from everywhere.

import { router } from '$lib/shell/router.svelte'
import type { Command } from '$lib/shell/commands'
import { strings } from '$lib/strings'
import { announcer } from '$lib/ui/announce.svelte'
import { Snapshots } from './snapshots.svelte'

const DEFAULT = 'default'

/** The tenant that is in sight, or the default one. */
export function tenantInSight(): string {
  const inPath = router.path[0] === 'directory' ? router.path[1] : undefined
  return inPath ?? router.query.get('tenant') ?? DEFAULT
}

function here(): Snapshots {
  const snapshots = new Snapshots()
  snapshots.tenant = tenantInSight()
  return snapshots
}

async function take(): Promise<void> {
  const texts = strings.seed.snapshots
  try {
    announcer.say(texts.taken((await here().take()).name))
  } catch (error) {
    announcer.say(texts.failed(error instanceof Error ? error.message : String(error)))
  }
}

async function reset(): Promise<void> {
  const texts = strings.seed.snapshots
  const tenant = tenantInSight()
  try {
    const became = await here().reset()
    if (became.kind === 'none') announcer.say(texts.noChosen)
    else if (became.kind === 'already') announcer.say(texts.already(became.name))
    else if (became.kind === 'done') announcer.say(texts.reset(became.name, became.count))
    else router.go('seed', { tenant: tenant === DEFAULT ? undefined : tenant, restore: became.name })
  } catch (error) {
    announcer.say(texts.failed(error instanceof Error ? error.message : String(error)))
  }
}

export function seedCommands(): Command[] {
  const texts = strings.seed.commands
  const group = strings.seed.group
  const other = () => (tenantInSight() === DEFAULT ? undefined : tenantInSight())
  return [
    { id: 'snapshot.take', title: texts.take, group, keys: ['Mod+s'], always: true, run: () => void take() },
    {
      id: 'snapshot.name',
      title: texts.takeNamed,
      group,
      keys: ['Mod+Shift+s'],
      always: true,
      run: () => router.go('seed', { tenant: other(), take: '1' }),
    },
    { id: 'snapshot.reset', title: texts.reset, group, keys: ['Alt+r'], run: () => void reset() },
    { id: 'seed.make', title: texts.make, group, run: () => router.go('seed', { tenant: other() }) },
  ]
}
