// Keeps the house as it was drawn: imports, names, sizes, time only through the clock, dependencies with a reason.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contentFaults, importFaults, importsOf, nameFaults, type SourceFile } from './house-rules.ts'

const root = join(import.meta.dirname, '..')

function filesUnder(folder: string, ending: RegExp): SourceFile[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, folder, name))
    .filter((name) => ending.test(name) && statSync(name).isFile())
    .map((name) => ({ path: relative(root, name).split(sep).join('/'), text: readFileSync(name, 'utf8') }))
}

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const source = filesUnder('src', /\.ts$/)
const rules = ['test/house-rules.ts', 'test/architecture.test.ts']
const code = [...source, ...filesUnder('test', /\.(?:ts|mjs)$/), ...filesUnder('bench', /\.ts$/), ...filesUnder('chaos', /\.ts$/)]

describe('the house as it stands', () => {
  test('there is something to look at', () => expect(source.length).toBeGreaterThan(5))
  test('imports go only where they may', () => expect(source.flatMap(importFaults)).toEqual([]))
  test('no file contains what no file may', () => expect(code.filter(({ path }) => !rules.includes(path)).flatMap(contentFaults)).toEqual([]))
  test('names are kebab-case and say something', () => expect(code.flatMap(({ path }) => nameFaults(path))).toEqual([]))

  test('every relative import names a file that is there, with its ending', () => {
    const faults = source.flatMap(({ path, text }) => importsOf(text)
      .filter(({ from }) => from.startsWith('.') && !source.some((other) => other.path === join(path, '..', from).split(sep).join('/')))
      .map(({ from }) => `${path}: ${from}`))
    expect(faults).toEqual([])
  })

  test('no committed text knows the machine it was written on', () => {
    const texts = [...code, ...filesUnder('docs', /\.md$/), ...['README.md', 'CHANGELOG.md', 'Dockerfile', 'docker-compose.yml', '.ci/run', 'package.json'].map((path) => ({ path, text: read(path) }))]
    const places = /\/(?:w[o]rk|r[o]ot|h[o]me)\/|registr[y]\.\w+\./
    expect(texts.filter(({ text }) => places.test(text)).map(({ path }) => path)).toEqual([])
  })
})

test('docs/architecture.md knows every room and every file beside them', () => {
  const page = read('docs/architecture.md')
  const entries = readdirSync(join(root, 'src'), { withFileTypes: true }).map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
  expect(entries.filter((entry) => !page.includes(`\`${entry}\``))).toEqual([])
})

describe('dependencies', () => {
  const manifest = JSON.parse(read('package.json')) as { dependencies: Record<string, string>; devDependencies: Record<string, string> }
  const reasons = read('docs/dependencies.md')
  const runtime = Object.keys(manifest.dependencies)

  test('at most 20 at run time', () => expect(runtime.length).toBeLessThanOrEqual(20))

  test('each has a reason', () => {
    const silent = [...runtime, ...Object.keys(manifest.devDependencies)].filter((name) => !new RegExp(`^\\| \`${name.replaceAll('/', '\\/')}\` \\| .{10,}`, 'm').test(reasons))
    expect(silent).toEqual([])
  })

  test('none is listed that is not there', () => {
    const listed = [...reasons.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
    expect(listed.filter((name) => name !== undefined && !(name in manifest.dependencies) && !(name in manifest.devDependencies))).toEqual([])
  })
})

describe('decision records', () => {
  const records = filesUnder('docs/decisions', /\.md$/)
  test('are numbered without a gap', () => expect(records.map(({ path }) => Number(/(\d{4})-/.exec(path)?.[1])).sort((a, b) => a - b)).toEqual(records.map((_, i) => i + 1)))
  test('have at most 40 lines', () => expect(records.filter(({ text }) => text.trimEnd().split('\n').length > 40).map(({ path }) => path)).toEqual([]))
})

describe('the rules can fail', () => {
  const opening = '// What it is for.\n'
  test.each([
    ['src/power/ledger.ts', `import { openScope } from '../actors/scope.ts'`],
    ['src/power/ledger.ts', `import { systemClock } from '../clock.ts'`],
    ['src/power/ledger.ts', `import { readFileSync } from 'node:fs'`],
    ['src/sessions/record.ts', `import type { Phase } from '../power/site.ts'`],
    ['src/profiles/install.ts', `import { messages } from '../protocol/messages/index.ts'`],
    ['src/protocol/server.ts', `import type { SiteConfig } from '../power/site.ts'`],
    ['src/protocol/server.ts', `import { createLog } from '../log.ts'`],
    ['src/store/redis.ts', `import { type Family } from '../actors/family.ts'`],
    ['src/actors/site.ts', `import { openRedisStore } from '../store/redis.ts'`],
    ['src/actors/site.ts', `import {\n  type A,\n  createStationServer,\n} from '../protocol/server.ts'`],
    ['src/actors/site.ts', `export { createApi } from '../api/api.ts'`],
    ['src/actors/site.ts', `import WebSocket from 'ws'`],
    ['src/actors/site.ts', `await import('../main.ts')`],
    ['src/cli/why.ts', `await import('../serve.ts')`],
    ['src/api/api.ts', `import { plan } from '../power/plan.ts'`],
    ['src/api/api.ts', `import '../main.ts'`],
    ['src/cli/why.ts', `import { openRedisStore } from '../store/redis.ts'`],
    ['src/simulator/witness.ts', `import { book } from '../power/ledger.ts'`],
    ['src/simulator/witness.ts', `import type { House } from '../actors/house.ts'`],
    ['src/simulator/run.ts', `import { openRedisStore } from '../store/redis.ts'`],
    ['src/cellar/wine.ts', ``],
    ['src/log.ts', `import { loadConfig } from './config.ts'`],
  ])('%s may not: %s', (path, text) => expect(importFaults({ path, text })).toHaveLength(1))

  test.each([
    ['src/main.ts', `import { openRedisStore } from './store/redis.ts'`],
    ['src/serve.ts', `import { openRedisStore } from './store/redis.ts'`],
    ['src/power/plan.ts', `import { book } from './ledger.ts'\nimport { z } from 'zod'`],
    ['src/profiles/install.ts', `import type { RequestOf } from '../protocol/messages/index.ts'`],
    ['src/protocol/server.ts', `import { type Log } from '../log.ts'\nimport WebSocket from 'ws'`],
    ['src/actors/site.ts', `import { plan } from '../power/plan.ts'\n// import x from '../api/api.ts'\nimport { StaleEpoch } from '../store/port.ts'`],
    ['src/api/api.ts', `import type { House } from '../actors/house.ts'`],
    ['src/simulator/witness.ts', `import type { Phase } from '../power/site.ts'`],
  ])('%s may: %s', (path, text) => expect(importFaults({ path, text })).toEqual([]))

  test.each([
    ['Date.now', 'const a = Date.now()'],
    ['new Date', 'const a = new Date()'],
    ['performance', 'const a = performance.now()'],
    ['timer', 'setTimeout(() => 1, 5)'],
    ['timer', 'globalThis.setInterval(f, 5)'],
    ['timer', 'setImmediate(f)'],
    ['timer', `import { setTimeout as wait } from 'node:timers/promises'`],
    ['turns', 'process.nextTick(f)'],
    ['chance', 'const a = `${Math.random()}`'],
    ['cast', 'const a = b as unknown as C'],
    ['switched-off', '// @ts-ignore'],
    ['switched-off', '/* oxlint-disable */'],
    ['undone', `// ${['TO', 'DO'].join('')}: later`],
    ['erase', 'enum Colour { red }'],
    ['says nothing', 'export class SiteManager {}'],
    ['scheduler', `import { throttleTime } from 'rxjs'\nsamples.pipe(throttleTime(50))`],
    ['after', 'const m = { after: { 1000: "x" } }'],
    ['two ideas', 'f()\n'.repeat(250)],
  ])('%s is found (%#)', (why, text) => expect(contentFaults({ path: 'src/actors/site.ts', text: opening + text }).join()).toMatch(new RegExp(why)))

  test.each([
    ['src/actors/site.ts', opening + 'const anyone = new Date(ms)\nsocket.setTimeout(5)\n// Date.now() is for the clock\nconst text = "Math.random()"\nclock.after(5, f)\nconst company: Company = 1\n'],
    ['src/clock.ts', opening + 'setTimeout(f, Date.now())'],
    ['src/simulator/virtual-clock.ts', opening + 'setImmediate(f)'],
    ['src/main.ts', '#!/usr/bin/env node\n' + opening],
    ['src/protocol/messages/core.ts', opening + 'f()\n'.repeat(390)],
    ['src/protocol/messages/index.ts', opening + `export * from './core.ts'\n`],
    ['test/a.test.ts', opening + 'setTimeout(f, 5)\n'],
  ])('%s may contain it (%#)', (path, text) => expect(contentFaults({ path, text })).toEqual([]))

  test.each([
    ['no opening', 'src/a.ts', 'const a = 1'],
    ['an opening that is no sentence', 'src/a.ts', '// stuff\n'],
    ['a barrel', 'src/a.ts', opening + `export { b } from './b.ts'\nexport * from './c.ts'\n`],
    ['a test left out', 'test/a.test.ts', opening + `test.only('x', f)`],
    ['a mocked module', 'test/a.test.ts', opening + `vi.mock('../src/a.ts')`],
  ])('%s is found', (_title, path, text) => expect(contentFaults({ path, text })).toHaveLength(1))

  test.each(['src/actors/siteDesk.ts', 'src/actors/Site.ts', 'src/utils/a.ts', 'src/site-helpers.ts', 'src/actors/session-manager.ts', 'src/api/index.ts', 'src/common.ts'])('the name %s', (path) => expect(nameFaults(path)).not.toEqual([]))
  test.each(['src/actors/site-desk.ts', 'test/store/redis.test.ts', 'src/power/base.ts', 'src/protocol/messages/index.ts', '.ci/run'])('the name %s may be', (path) => expect(nameFaults(path)).toEqual([]))
})
