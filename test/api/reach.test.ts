// Every row of the table says what it touches, and says it of what its address names.
import { describe, expect, it } from 'vitest'
import { parameterOf } from '../../src/api/reach.ts'
import { routes } from '../../src/api/routes.ts'

/** What lies in no site. */
const placeless = new Set(['operation', 'tariffId', 'idTag', 'quirkID', 'templateID', 'keyID', 'type'])

describe('the reach of a route', () => {
  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s is that of what its address names', (_, { path, reach, scope, page }) => {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    const outermost = named.find((name) => !placeless.has(name))
    // A page shows nothing by itself: what it asks for is reached by the API.
    if (outermost !== undefined && reach !== 'every-site' && page !== true) expect(parameterOf(reach)).toBe(outermost)
    else expect(parameterOf(reach)).toBeNull()
    if (scope === 'public') expect(reach).toBe('anyone')
  })
})
