// What kwota does by itself once a charge point has booted: one step after the other, each ending before the next.
import { bringConfiguration } from './configuration-desk.ts'
import { noteFirmwareBooted } from './firmware-progress.ts'
import { keepLocalList } from './local-list.ts'
import type { Station } from './handlers/station.ts'
import { tendLimits } from './transaction-limits.ts'

type Step = (station: Station) => Promise<void>

const steps: readonly Step[] = [noteFirmwareBooted, tendLimits, bringConfiguration, keepLocalList]

/** Runs every step as long as `still` holds; a step that fails is logged, and the next one runs. */
export async function afterBoot(station: Station, still: () => boolean): Promise<void> {
  for (const step of steps) {
    if (!still()) return
    try {
      await step(station)
    } catch (error) {
      station.log.warn({ clientID: station.clientID, step: step.name, error }, 'a step after the boot failed')
    }
  }
}
