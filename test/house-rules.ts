// The rules of the house as pure functions: who may import whom, and what no file may contain.
import { posix } from 'node:path'

export interface SourceFile {
  /** From the project's root, e.g. `src/power/ledger.ts`. */
  readonly path: string
  readonly text: string
}

const everyone = ['clock.ts', 'addresses.ts', 'quantities.ts', 'type log.ts', 'type outgoing.ts']

/** What each room of src may import of ours besides itself: a file, or a folder with its slash; `type` before it = types only. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  power: ['settings.ts'],
  sessions: [],
  profiles: ['type protocol/messages/'],
  protocol: [...everyone],
  store: [...everyone],
  actors: [...everyone, 'settings.ts', 'settings-check.ts', 'configuration-check.ts', 'secret-names.ts', 'vendor-settings.ts', 'power/', 'profiles/', 'sessions/', 'protocol/messages/', 'protocol/meter-shape.ts', 'protocol/session.ts', 'store/port.ts'],
  api: [...everyone, 'settings.ts', 'vendor-settings.ts', 'schema-words.ts', 'actors/', 'power/site.ts', 'protocol/messages/', 'type observe.ts', 'type backups.ts'],
  simulator: [...everyone, 'actors/', 'protocol/', 'power/', 'sessions/record.ts', 'sessions/tariff.ts', 'store/port.ts', 'store/memory.ts', 'yaml-file.ts'],
  cli: [...everyone, 'log.ts', 'config.ts', 'secret-names.ts', 'simulator/', 'actors/', 'profiles/', 'protocol/', 'power/site.ts', 'type api/', 'backups.ts', 'type stores.ts', 'sessions/record.ts', 'store/port.ts', 'store/backup-file.ts', 'store/files.ts', 'store/restored.ts'],
  mqtt: ['type clock.ts', 'type log.ts', 'type power/site.ts', 'actors/house.ts', 'type actors/'],
  'clock.ts': [],
  'version.ts': [],
  'quantities.ts': [],
  'addresses.ts': [],
  'settings.ts': ['sessions/tariff.ts'],
  'vendor-settings.ts': [],
  'secret-names.ts': [],
  'configuration-check.ts': ['protocol/messages/configuration-keys.ts'],
  'settings-check.ts': ['type settings.ts', 'type power/site.ts', 'configuration-check.ts'],
  'outgoing.ts': ['addresses.ts', 'clock.ts'],
  'log.ts': [],
  'log-sampling.ts': ['type clock.ts', 'type log.ts'],
  'observe.ts': [],
  'backups.ts': ['actors/', 'store/backup-file.ts', 'type store/files.ts', 'store/port.ts', 'type clock.ts'],
  'stores.ts': ['store/', 'config.ts', 'type clock.ts', 'type log.ts'],
  'endings.ts': ['actors/house.ts', 'config.ts', 'type log.ts', 'store/port.ts'],
  'watchdog.ts': ['clock.ts', 'type watchdog-thread.ts'],
  'watchdog-thread.ts': [],
  'gauge.ts': ['type actors/', 'type observe.ts', 'power/limits.ts'],
  'scrape.ts': ['actors/alerts.ts', 'type actors/', 'type observe.ts'],
  'counted-desk.ts': ['type observe.ts', 'type protocol/session.ts'],
  'front.ts': ['api/', 'protocol/', 'type clock.ts', 'type config.ts', 'type log.ts'],
  'schema-words.ts': [],
  'yaml-file.ts': ['schema-words.ts'],
  'config-check.ts': ['type power/site.ts', 'type settings.ts', 'settings-check.ts', 'type yaml-file.ts'],
  'config-tls.ts': ['type yaml-file.ts'],
  'config-schema.ts': ['power/site.ts', 'sessions/tariff.ts', 'settings.ts', 'vendor-settings.ts', 'config-tls.ts'],
  'config.ts': ['type power/site.ts', 'settings.ts', 'type vendor-settings.ts', 'config-check.ts', 'config-schema.ts', 'config-tls.ts', 'yaml-file.ts'],
}

/** Rooms whose packages are counted: reasoning takes values only, actors take their effects from ports. */
const mayUse: Readonly<Record<string, readonly string[]>> = {
  power: ['zod'],
  sessions: ['zod'],
  profiles: ['zod'],
  actors: ['xstate', 'rxjs', 'zod', 'node:crypto'],
}

/** They judge the engine from outside, so they may share the description of a site, but not its reasoning. */
const independent = ['src/simulator/witness.ts', 'src/simulator/profile-memory.ts', 'src/simulator/profile-schedule.ts', ...['grid', 'wire'].map((what) => `src/simulator/swarm/${what}-witness.ts`)]

export interface Import { readonly from: string; readonly typeOnly: boolean }

/** Every import and re-export of a file. */
export function importsOf(text: string): Import[] {
  const code = withoutComments(text)
  const found: Import[] = []
  for (const match of code.matchAll(/\b(?:import|export)\s+(type\s+)?([^'"`;()]*?)\s*from\s*['"]([^'"]+)['"]/g)) {
    const names = /^\{([^}]*)\}$/.exec(match[2]?.trim() ?? '')?.[1]?.split(',').map((name) => name.trim()).filter((name) => name !== '')
    found.push({ from: match[3] ?? '', typeOnly: match[1] !== undefined || (names !== undefined && names.length > 0 && names.every((name) => name.startsWith('type '))) })
  }
  for (const match of code.matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g)) found.push({ from: match[1] ?? '', typeOnly: false })
  return found
}

/** What is wrong with the imports of a file of src; empty when all is well. */
export function importFaults({ path, text }: SourceFile): string[] {
  const own = path.replace(/^src\//, '')
  const room = own.split('/')[0] ?? own
  if (own === 'main.ts' || own === 'serve.ts') return []
  const allowed = mayImport[room]
  if (allowed === undefined) return [`${path}: ${room} is no room of this house`]
  return importsOf(text).flatMap(({ from, typeOnly }) => {
    if (!from.startsWith('.')) {
      const packages = mayUse[room]
      const name = from.startsWith('@') ? from.split('/').slice(0, 2).join('/') : from.split('/')[0] ?? from
      return packages === undefined || packages.includes(name) ? [] : [`${path}: ${room} may not use ${name}`]
    }
    const target = posix.join(posix.dirname(own), from)
    if (independent.includes(path) && /^(power|actors|profiles)\//.test(target) && target !== 'power/site.ts') return [`${path}: must stay independent of ${target}`]
    if (target.split('/')[0] === room && room.indexOf('.') < 0) return []
    const permitted = allowed.some((entry) => {
      const place = entry.replace(/^type /, '')
      return (place.endsWith('/') ? target.startsWith(place) : target === place) && (typeOnly || place === entry)
    })
    return permitted ? [] : [`${path}: ${room} may not import ${target}${typeOnly ? '' : ' (as a value)'}`]
  })
}

const everywhere: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\bas\s+unknown\s+as\b/, 'a cast through unknown'],
  [/\bMath\.random\b/, 'chance outside an injected port'],
  [/\bvi\.mock\b/, 'a mock of a module'],
  [/\b(?:test|it|describe)\.(?:only|skip|todo)\b/, 'a test that is left out'],
]

const clockless: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\bDate\.now\b/, 'Date.now'],
  [/\bnew Date\(\s*\)/, 'new Date() without a time'],
  [/\bperformance\.\w/, 'performance'],
  [/(?<![.\w])(?:set(?:Timeout|Interval))\s*\(|\bglobalThis\.set(?:Timeout|Interval|Immediate)/, 'a timer of the machine'],
  [/\bprocess\.(?:nextTick|hrtime|uptime)\b/, 'time or turns of the process'],
]

/** What no file may contain. `path` decides which rules apply. */
export function contentFaults({ path, text }: SourceFile): string[] {
  const faults: string[] = []
  const inSource = path.startsWith('src/')
  const bare = withoutStrings(withoutComments(text))
  const say = (why: string) => faults.push(`${path}: ${why}`)
  for (const [pattern, why] of everywhere) if (pattern.test(bare)) say(why)
  if (/@ts-(?:ignore|nocheck|expect-error)|(?:ox|es)lint-disable/.test(text)) say('a switched-off check')
  if (/\b(?:T[O]DO|F[I]XME|X[X]X)\b/.test(text)) say('something left undone')
  const first = text.replace(/^#!.*\n/, '').split('\n', 1)[0] ?? ''
  if (!/^\/\/ \S.*[.!?]$/.test(first)) say('does not open with one // sentence')
  if (!inSource) return faults
  if (path !== 'src/clock.ts') {
    for (const [pattern, why] of clockless) if (pattern.test(bare)) say(`${why} outside src/clock.ts`)
    if (path !== 'src/simulator/virtual-clock.ts' && /(?<![.\w])setImmediate\s*\(/.test(bare)) say('a timer of the machine outside src/clock.ts')
    if (importsOf(text).some(({ from }) => /^(?:node:)?timers/.test(from))) say('timers imported')
  }
  if (path.startsWith('src/actors/') && /(?<![.\w])after:\s*\{/.test(bare)) say('an `after` timer, which a restored snapshot does not arm')
  if (/(?<![.\w])(?:enum|namespace)\s+\w+\s*\{/.test(bare)) say('syntax that types cannot erase')
  if (/\b(?:class|function|const|interface|type)\s+\w*(?:Manager|Helpers?|Utils?|Service)\b/.test(bare)) say('a name that says nothing')
  if (timedOperators(text) && !/scheduler/i.test(bare)) say('a timed RxJS operator without a scheduler')
  const limit = path.startsWith('src/protocol/messages/') ? 400 : 250
  const lines = text.trimEnd().split('\n').length
  if (lines > limit) say(`${lines} lines, more than ${limit}: two ideas`)
  if (isBarrel(bare) && path !== 'src/protocol/messages/index.ts') say('a barrel file')
  return faults
}

/** What is wrong with the name of a file of ours. */
export function nameFaults(path: string): string[] {
  const faults: string[] = []
  const parts = path.split('/')
  const file = parts.at(-1) ?? ''
  const stem = file.replace(/(?:\.test)?\.[a-z]+$/, '')
  for (const part of [...parts.slice(0, -1), stem]) {
    if (!/^\.?[a-z0-9]+(?:-[a-z0-9]+)*$/.test(part)) faults.push(`${path}: ${part} is not kebab-case`)
    if (/(?:^|-)(?:utils?|helpers?|common|services?|managers?|misc)(?:-|$)/.test(part)) faults.push(`${path}: ${part} says nothing`)
  }
  if (stem === 'index' && path !== 'src/protocol/messages/index.ts') faults.push(`${path}: only the message table may have an index`)
  return faults
}

function timedOperators(text: string): boolean {
  const names = /import\s*\{([^}]*)\}\s*from\s*'rxjs(?:\/operators)?'/.exec(text)?.[1] ?? ''
  return /\b(?:auditTime|bufferTime|debounceTime|delay|interval|sampleTime|throttleTime|timeInterval|timeout|timer|timestamp|windowTime|ReplaySubject)\b/.test(names)
}

function isBarrel(bare: string): boolean {
  const statements = bare.split(/\n(?=\S)/).map((statement) => statement.trim()).filter((statement) => statement !== '' && statement !== '}')
  return statements.length > 0 && statements.every((statement) => /^export\s+(?:type\s+)?(?:\*|\{)[^;]*\bfrom\b/.test(statement))
}

const literal = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/.source

function withoutComments(text: string): string {
  return text.replace(new RegExp(`(${literal})|/\\*[\\s\\S]*?\\*/|(?<![:\\\\/])//[^\\n]*`, 'g'), (_match, kept: string | undefined) => kept ?? '')
}

function withoutStrings(code: string): string {
  return code.replace(new RegExp(literal, 'g'), (match) => (match.startsWith('`') ? `\`${[...match.matchAll(/\$\{([^}]*)\}/g)].map(([, inside]) => inside).join(' ')}\`` : "''"))
}
