// Is this process fit to serve: does the store take writes, is the clock sane, is every site looked at?
import type { Estate } from './estate.ts'
import { tickingMs } from './tick-watch.ts'
import type { Health } from './views.ts'

export async function healthOf(estate: Estate): Promise<Health> {
  const rooms = [...estate.sites.values()]
  const store = await estate.options.store.check().then(() => null, (error: unknown) => (error instanceof Error ? error.message : String(error)))
  const failing = [estate.global, ...rooms.map(({ scope }) => scope)].find(({ failure }) => failure !== null)
  const storeFault = store ?? failing?.failure ?? null
  const oldest = Math.max(0, ...rooms.filter(({ scope }) => !scope.lost).map(({ room }) => room.reviewAgeMs))
  const wallMs = estate.options.clock.wall()
  const checks = [
    { name: 'store' as const, ok: storeFault === null, detail: storeFault ?? 'takes writes' },
    { name: 'clock' as const, ok: wallMs > Date.UTC(2024, 0) && wallMs < Date.UTC(2100, 0), detail: new Date(wallMs).toISOString() },
    { name: 'engine' as const, ok: oldest < tickingMs, detail: `last looked at every site ${Math.round(oldest / 100) / 10} s ago or less` },
  ]
  return { ready: checks.every(({ ok }) => ok), checks }
}
