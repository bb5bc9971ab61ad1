// Ten thousand frames that nobody should send to the living actors, and a thousand over sockets: refused one by one, and nothing changes. `npm run fuzz` does as many as asked.
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildChaos, type BuiltChaos } from './built-chaos.ts'

let chaos: BuiltChaos
beforeAll(async () => { chaos = await buildChaos() }, 300_000)
afterAll(() => chaos?.remove())

const seed = process.env['KWOTA_SEED'] ?? String(randomInt(1_000_000))

test.each([['threat 25: frames out of a grammar of faults, handed to the living actors, change nothing', ['--frames', '10000']], ['frames out of a grammar of faults, sent over sockets, change nothing', ['--frames', '1000', '--sockets']]])(`%s (KWOTA_SEED=${seed})`, async (_, args) => {
  const { code, stdout, stderr } = await chaos.run('fuzz', ...args, '--seed', seed, '--untimed', '--json')
  expect(code, stderr).toBe(0)
  const { faults, refused, dropped, frames } = JSON.parse(stdout) as { faults: string[]; refused: number; dropped: number; frames: number }
  expect(faults).toEqual([])
  expect(refused + dropped).toBe(frames)
  expect(Math.min(refused, dropped)).toBeGreaterThan(frames / 10)
}, 300_000)
