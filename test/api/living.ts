// A real house beside the small one, on a real clock and a store in memory: it answers what the small one does not.
import { randomInt, randomUUID } from 'node:crypto'
import { openDirectory, type Directory } from '../../src/actors/directory.ts'
import { systemClock } from '../../src/clock.ts'
import { chargePointSchema, siteSchema } from '../../src/power/site.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createMemoryFiles } from '../store/memory-files.ts'

/** Site `main`; CP1 with two connectors and `RDAM 123` with one, neither connected. */
export function openLiving(): Promise<Directory> {
  const quiet = (): void => undefined
  return openDirectory({
    store: createMemoryStore(), clock: systemClock, log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    ids: { transactionId: () => randomInt(1, 2_147_483_647), opaque: () => randomUUID().replaceAll('-', '').slice(0, 20) },
    provision: {
      sites: [siteSchema.parse({ id: 'main', fuseA: 63 })],
      chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }] }, { id: 'RDAM 123' }].map((point) => chargePointSchema.parse(point)),
    },
    unknownChargePoints: 'reject', messageLog: { keepDays: 1, keepMiB: 1 },
    uploads: { files: createMemoryFiles(), maxMiB: 1, keepDays: 1, keepFilesPerChargePoint: 5 },
  })
}
