// Loaded with --import: swaps one piece of one compiled file as it is loaded (KWOTA_MUTANT: file, find and replace as JSON).
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) register(import.meta.url, { data: JSON.parse(process.env.KWOTA_MUTANT) })

let mutant

export function initialize(data) {
  mutant = data
}

export async function load(url, context, next) {
  const loaded = await next(url, context)
  if (!url.endsWith(`/dist/${mutant.file}`)) return loaded
  const text = String(loaded.source)
  if (text.split(mutant.find).length !== 2) throw new Error(`${mutant.file} does not hold exactly once: ${mutant.find}`)
  return { ...loaded, source: text.replace(mutant.find, () => mutant.replace) }
}
