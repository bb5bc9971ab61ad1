// What people and the calendar impose on the site of a seed at an instant, by the seed's own account; curtailments that were acknowledged must outlive a crash.
import type { Clock } from '../../clock.ts'
import type { House } from '../../actors/house.ts'
import type { SiteConfig } from '../../power/site.ts'
import { createOutsideLimits } from '../outside-limits.ts'
import type { Findings } from './finding.ts'

export interface Amount { readonly currentA?: number; readonly powerW?: number }

/** What becomes of a curtailment that was asked for. */
export interface Asked {
  acknowledged(id: string): void
  /** It was refused; `held` = it holds for as long as the process lives. */
  refused(held: boolean): void
  /** It is being lifted: nobody is held to it any more. */
  lifted(): void
}

export interface Imposed {
  curtail(limit: Amount, forMs: number): Asked
  /** Everything that holds now beside the fuse. */
  now(): readonly Amount[]
  /** kwota is up again: what was acknowledged must be there, and what was not may be gone. */
  restarted(house: House): void
  /** The wall clock jumped: after a restart nobody knows when something made before it ends. */
  stepped(): void
  /** When the calendar puts a limit on, ms of the seed. */
  readonly beginsMs: readonly number[]
}

interface Entry { readonly limit: Amount; readonly untilMs: number; id: string | null }

/** By so much kwota's time and the world's may differ at the end of one. */
const slackMs = 1_000

export function createImposed(options: { readonly site: SiteConfig; readonly clock: Clock; readonly standing: () => Amount | null; readonly findings: Findings; readonly untilMs: number }): Imposed {
  const { site, clock, findings } = options
  const calendar = createOutsideLimits(site)
  const wallAtZero = clock.wall() - clock.mono()
  let entries: Entry[] = []
  let stepped = false

  return {
    curtail(limit, forMs) {
      const entry: Entry = { limit, untilMs: clock.mono() + forMs - slackMs, id: null }
      const drop = (): void => { entries = entries.filter((each) => each !== entry) }
      entries.push(entry)
      return { acknowledged(id) { entry.id = id }, refused: (held) => { if (!held) drop() }, lifted: drop }
    },
    now() {
      const standing = options.standing()
      entries = entries.filter(({ untilMs }) => clock.mono() < untilMs)
      return [...(standing === null ? [] : [standing]), ...entries.map(({ limit }) => limit), ...calendar.at(clock.wall(), 0)]
    },
    restarted(house) {
      const known = new Set(house.limits.curtailments(site.id).map(({ value }) => value.id))
      for (const { id, untilMs } of entries) {
        if (id !== null && clock.mono() < untilMs && !known.has(id)) findings.add('durable', `the curtailment ${id} was acknowledged and is gone after the restart`)
      }
      entries = stepped ? [] : entries.filter(({ id }) => id !== null)
    },
    stepped() { stepped = true },
    beginsMs: calendar.begins(wallAtZero, wallAtZero + options.untilMs).map((wallMs) => wallMs - wallAtZero),
  }
}
