// What a browser loads to show the page of a site, compressed, stays within 80 KiB: the document, what it names, and what those parts load for this page.
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildProduct } from '../e2e/build.ts'

const mostBytes = 80 * 1024

describe('the page of a site', () => {
  let files: ReadonlyMap<string, Buffer>
  let loaded: ReadonlySet<string>
  beforeAll(async () => {
    const web = join(dirname(await buildProduct()), 'web')
    const names = (await readdir(join(web, 'assets'))).filter((name) => !name.endsWith('.gz'))
    files = new Map(await Promise.all([['index.html', 'index.html'], ...names.map((name) => [name, join('assets', name)] as const)].map(async ([name = '', path = '']) => [name, await readFile(join(web, path))] as const)))
    loaded = loadedBy(files)
  }, 120_000)

  it('loads what it draws with, and nothing of the other pages', () => {
    const texts = [...loaded].map((name) => text(files, name))
    expect(texts.filter((source) => isPage(source) && source.includes('Draws of allocated'))).toHaveLength(1)
    for (const wanted of ['u-legend', 'aria-live', '.connectors']) expect(texts.some((source) => source.includes(wanted)), wanted).toBe(true)
    expect(texts.some((source) => source.includes('Recorded since'))).toBe(false)
    expect([...loaded].length).toBeLessThan(files.size)
  })

  it('is within 80 KiB', () => {
    const sizes = Object.fromEntries([...loaded].map((name) => [name, gzipSync(files.get(name) ?? '', { level: 9 }).length]))
    const bytes = Object.values(sizes).reduce((sum, size) => sum + size, 0)
    expect(bytes, `${bytes} bytes: ${JSON.stringify(sizes)}`).toBeLessThanOrEqual(mostBytes)
  })

  it('is compressed as the product ships it', async () => {
    const web = join(dirname(await buildProduct()), 'web')
    for (const name of loaded) expect((await readFile(join(web, name === 'index.html' ? '' : 'assets', `${name}.gz`))).length, name).toBe(gzipSync(files.get(name) ?? '', { level: 9 }).length)
  })
})

const text = (files: ReadonlyMap<string, Buffer>, name: string): string => files.get(name)?.toString('utf8') ?? ''
/** Only the chunk of a page asks for the overview of a site. */
const isPage = (source: string): boolean => /\/overview[`"']/.test(source)

/** From the document on: what it names, what a chunk imports, and of the chunks that are loaded later those of this page. */
function loadedBy(files: ReadonlyMap<string, Buffer>): ReadonlySet<string> {
  const found = new Set<string>()
  const take = (name: string): void => {
    if (found.has(name) || !files.has(name)) return
    found.add(name)
    const source = text(files, name)
    const always = name.endsWith('.html') ? namesIn(source) : name.endsWith('.js') ? [...importsOf(source), ...picturesIn(source)] : []
    always.forEach(take)
    for (const later of lazyIn(source)) if (ofSite(later)) take(later)
  }
  /** The page itself is loaded later by the frame; whatever its own chunk loads later, it loads for itself. */
  const ofSite = (name: string): boolean => isPage(text(files, name)) || [...found].some((parent) => isPage(text(files, parent)) && lazyIn(text(files, parent)).includes(name))
  take('index.html')
  return found
}

const namesIn = (html: string): string[] => [...html.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)].map((match) => match[1] ?? '')
const importsOf = (source: string): string[] => [...source.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/g)].map((match) => basename(match[1] ?? ''))
const lazyIn = (source: string): string[] => [...source.matchAll(/import\(\s*["'`]\.\/([^"'`]+)["'`]\s*\)/g)].map((match) => basename(match[1] ?? ''))
const picturesIn = (source: string): string[] => [...source.matchAll(/["'`](?:\/assets\/)?([\w.-]+\.svg)["'`]/g)].map((match) => match[1] ?? '')
