// `kwota config print`: the configuration as a start would take it, and where each value comes from; secrets are masked.
import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { explainConfig, type Flags, type Origin } from '../config.ts'
import { isSecretName } from '../secret-names.ts'
import { plain, tableOf } from './table.ts'
import type { Terminal } from './terminal.ts'

export interface ConfigFlags extends Flags { readonly origin?: boolean; readonly json?: boolean }

const masked = '***'
const longest = 100

/** Throws ConfigError. */
export function configPrint({ origin, json, ...flags }: ConfigFlags, { stdout, env, cwd }: Pick<Terminal, 'stdout' | 'env' | 'cwd'>): void {
  const { values, originOf } = explainConfig({ flags, env, readFile: (path) => readFileSync(path, 'utf8'), cwd })
  const shown = withoutSecrets(values) as Readonly<Record<string, unknown>>
  if (origin !== true) return void stdout.write(json === true ? `${JSON.stringify(shown)}\n` : stringify(shown))
  const leaves = leavesOf(shown).map(({ path, value }) => ({ path: path.join('.'), value, origin: originOf(path) }))
  if (json === true) return void stdout.write(`${JSON.stringify(leaves)}\n`)
  const short = (value: unknown): string => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return text.length > longest ? `${text.slice(0, longest)}…` : text
  }
  stdout.write(`${tableOf(['setting', 'value', 'from'], leaves.map(({ path, value, origin: from }) => [path, short(value), originWords(from)])).join('\n')}\n`)
}

/** What a name says is secret, and the password in a URL. */
export function withoutSecrets(value: unknown, name = ''): unknown {
  if (value === null || value === undefined) return value
  if (isSecretName(name) && (typeof value === 'string' || typeof value === 'number')) return masked
  if (typeof value === 'string') return value.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@]*?):[^/?#]*@/i, `$1:${masked}@`)
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each, name))
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, withoutSecrets(inner, key)]])))
}

/** Maps and lists of maps are gone into; what is empty, or a list of plain values, is one value. */
export function leavesOf(value: unknown, path: readonly (string | number)[] = []): { readonly path: readonly (string | number)[]; readonly value: unknown }[] {
  if (Array.isArray(value)) return value.some((each) => typeof each === 'object' && each !== null) ? value.flatMap((each, at) => leavesOf(each, [...path, at])) : [{ path, value }]
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [{ path, value }]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
}

function originWords({ source, name }: Origin): string {
  return source === 'flag' ? `the flag ${name}` : plain(name)
}
