// A copy of the build without inspection, to compare with.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** In it nothing is noted, kept in a book or listened for; the path of its main.js. */
export function buildWithout(): string {
  const dist = fileURLToPath(new URL('..', import.meta.url))
  const place = join(dist, 'bench', 'without-inspection')
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  cpSync(join(dist, '..', 'package.json'), join(place, 'package.json'))
  for (const name of readdirSync(dist)) if (name !== 'bench' && name !== 'chaos') cpSync(join(dist, name), join(place, 'dist', name), { recursive: true })
  const change = (name: string, from: string | RegExp, to: string): void => {
    const path = join(place, 'dist', name)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    const changed = text.replace(from, to)
    if (changed === text) throw new Error(`${name} is not as it was when this was written`)
    writeFileSync(path, changed)
  }
  change('actors/inspection/transition-notes.js', /export function noting\(machine\) \{/, '$&\n    return machine;')
  change('actors/inspection/root-book.js', /\n\s+begin\([^)]*\) \{/, '$&\n        return () => undefined;')
  change('actors/charge-point-desk.js', /if \(this\.options\.estate\.inspection\.hears\)\s/, 'if (false) ')
  return join(place, 'dist', 'main.js')
}
