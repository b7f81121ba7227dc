// Resources in the palette: by name, user name or id, in the tenant that is looked at.

import { directory } from '$lib/api/directory'
import type { Provider } from '$lib/shell/commands'
import { router, segment } from '$lib/shell/router.svelte'

const MOST = 5
/** Shorter texts fit too much to be of use. */
const SHORTEST = 2

export const resources: Provider = {
  id: 'resources',
  async offers(text, signal) {
    if (text.trim().length < SHORTEST) return []
    const tenant = router.path[0] === 'directory' ? (router.path[1] ?? 'default') : 'default'
    const { items: types } = await directory.types(tenant)
    const found = await Promise.all(
      types.map(async (type) => {
        const names = ['displayName', 'userName'].filter((path) => type.attributes.some((one) => one.path === path))
        if (names.length === 0 || type.count === 0) return []
        const quoted = JSON.stringify(text.trim())
        const filter = names.map((path) => `${path} co ${quoted}`).join(' or ')
        const { items } = await directory.list(tenant, type.name, { filter, count: MOST }, signal)
        return items.map(({ id, display }) => ({
          id: `resource.${type.name}.${id}`,
          title: display || id,
          kind: type.name,
          run: () => router.go(`directory/${[tenant, type.name, id].map(segment).join('/')}`),
        }))
      }),
    )
    return found.flat()
  },
}
