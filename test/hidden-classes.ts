// In how many shapes an engine of JavaScript sees objects that look alike to us: it reads those of a few at a fraction of the cost.
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'

export function hiddenClasses(objects: Iterable<object>): number {
  setFlagsFromString('--allow-natives-syntax')
  const isSame = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean
  const found: object[] = []
  for (const one of objects) if (!found.some((other) => isSame(one, other))) found.push(one)
  return found.length
}
