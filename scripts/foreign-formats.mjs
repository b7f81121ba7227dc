// Reads files that Scimscope has written with tools that others wrote: node foreign-formats.mjs FOLDER, where FOLDER has sample.har,
// sample.fixture.json, sample.postman_collection.json and sample.sh. The tools are below node_modules of the working directory.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const require = createRequire(pathToFileURL(resolve('package.json')))
const [folder] = process.argv.slice(2)
const read = (name) => readFileSync(resolve(folder, name), 'utf8')
let failed = 0

async function check(name, run) {
  try {
    console.log(`${name}: ${await run()}`)
  } catch (error) {
    failed += 1
    console.error(`${name}: FAILED: ${error.message ?? JSON.stringify(error)} ${JSON.stringify(error.errors ?? '')}`)
  }
}

function equal(have, want, what) {
  if (JSON.stringify(have) !== JSON.stringify(want)) {
    throw new Error(`${what} is ${JSON.stringify(have)} instead of ${JSON.stringify(want)}`)
  }
}

const har = JSON.parse(read('sample.har'))

await check('har-validator', async () => {
  await require('har-validator').har(har)
  return `${har.log.entries.length} entries`
})

await check('ajv', () => {
  const Ajv = require('ajv/dist/2020').default
  const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../crates/formats/src/fixture/schema.json', import.meta.url)), 'utf8'))
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)
  const fixture = JSON.parse(read('sample.fixture.json'))
  if (!validate(fixture)) throw new Error(JSON.stringify(validate.errors))
  const steps = fixture.flows.flatMap((flow) => flow.steps)
  equal(steps.length, har.log.entries.length, 'the number of steps')
  return `${steps.length} steps`
})

await check('curlconverter', async () => {
  const { toHarString } = await import(pathToFileURL(require.resolve('curlconverter')).href)
  const commands = read('sample.sh')
    .split(/\n\n/)
    .map((part) => part.replace(/^#.*\n/gm, '').trim())
    .filter((part) => part.startsWith('curl '))
  equal(commands.length, har.log.entries.length, 'the number of commands')
  const own = new Set(['host', 'content-length', 'connection', 'accept-encoding', 'authorization'])
  for (const [at, command] of commands.entries()) {
    const request = JSON.parse(toHarString(command)).log.entries[0].request
    const wanted = har.log.entries[at].request
    equal(request.method, wanted.method, `the method of ${at + 1}`)
    equal(request.url.split('?')[0], wanted.url.split('?')[0], `the URL of ${at + 1}`)
    const query = ({ queryString }) =>
      queryString.map(({ name, value }) => `${name}=${decodeURIComponent(value.replace(/\+/g, ' '))}`)
    equal(query(request), query(wanted), `the query of ${at + 1}`)
    equal(request.postData?.text ?? '', wanted.postData?.text ?? '', `the body of ${at + 1}`)
    const fields = ({ headers }) =>
      headers.filter(({ name }) => !own.has(name.toLowerCase())).map(({ name, value }) => `${name.toLowerCase()}: ${value}`).sort()
    equal(fields(request), fields(wanted), `the header fields of ${at + 1}`)
  }
  return `${commands.length} commands`
})

await check('@har-sdk/validator', async () => {
  const { PostmanValidator } = require('@har-sdk/validator')
  const collection = JSON.parse(read('sample.postman_collection.json'))
  equal(collection.info.schema, 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json', 'info.schema')
  const errors = await new PostmanValidator().verify(collection)
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  return `${collection.item.length} folders`
})

process.exit(failed === 0 ? 0 : 1)
