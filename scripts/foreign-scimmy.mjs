// A SCIM server of scimmy-routers with users and groups in memory, for ./test --foreign. It says its port when it is ready.
// It runs in a folder that has scimmy, scimmy-routers and express in its node_modules.
import express from 'express'
import SCIMMY from 'scimmy'
import SCIMMYRouters from 'scimmy-routers'

const store = () => {
  const kept = new Map()
  let last = 0
  return {
    ingress: (resource, instance) => {
      const id = resource.id ?? `${++last}-${Math.random().toString(36).slice(2)}`
      const now = new Date().toISOString()
      if (resource.id && !kept.has(resource.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`)
      const name = instance.userName?.toLowerCase()
      const taken = name && [...kept.values()].some((other) => other.id !== id && other.userName?.toLowerCase() === name)
      if (taken) throw new SCIMMY.Types.Error(409, 'uniqueness', 'userName is taken')
      const meta = { created: kept.get(id)?.meta.created ?? now, lastModified: now }
      const plain = JSON.parse(JSON.stringify({ ...instance, id, meta }))
      kept.set(id, plain)
      return plain
    },
    egress: (resource) => {
      if (!resource.id) return [...kept.values()]
      if (!kept.has(resource.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`)
      return kept.get(resource.id)
    },
    degress: (resource) => {
      if (!kept.delete(resource.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`)
    },
  }
}

for (const Resource of [SCIMMY.Resources.User, SCIMMY.Resources.Group]) {
  const { ingress, egress, degress } = store()
  SCIMMY.Resources.declare(Resource).ingress(ingress).egress(egress).degress(degress)
}
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser)

const app = express()
app.use('/scim/v2', new SCIMMYRouters({ type: 'bearer', handler: () => 'foreign' }))
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))
