// kill -9 right after a limit schedule was acknowledged for a site that kwota.yaml names: it is there at the next start, beside the file's own.
import { afterEach, expect, test } from 'vitest'
import { newPlace, startServer, tidyUp } from './server.ts'

afterEach(tidyUp)

const path = '/api/v1/sites/main/limit-schedules'
const config = 'sites:\n  - id: main\n    fuseA: 63\n    limitSchedules:\n      - { id: peak, weekly: [{ days: [mon], from: "17:00", to: "21:00", currentA: 32 }] }\n'

test('a limit schedule that was made over REST outlives kill -9', async () => {
  const place = await newPlace()
  const first = await startServer({ place, config })
  const made = await first.request<{ id: string }>('POST', path, { startsAt: new Date(Date.now() - 60_000).toISOString(), durationS: 3600, limitW: 13_800 })
  expect(made.status).toBe(201)
  expect((await first.request('DELETE', `${path}/peak`)).status).toBe(204)
  await first.kill9()
  const again = await startServer({ place, config })
  const { body } = await again.request<{ data: { id: string }[] }>('GET', path)
  expect(body.data.map(({ id }) => id).toSorted()).toEqual(['peak', made.body.id].toSorted())
  expect((await again.gridLimit()).effective).toMatchObject({ currentA: 20, binding: `schedule:${made.body.id}` })
  expect(await again.stop()).toBe(0)
}, 120_000)
