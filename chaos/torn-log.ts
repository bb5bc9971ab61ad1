// What a power cut leaves of the embedded store's logs: what was synced, some of what was not, and an end that is torn, of zeros or of anything.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Uniform in [0, 1). */
type Chance = () => number

const between = (random: Chance, from: number, to: number): number => from + Math.floor(random() * (to - from + 1))

/** A log of which `durable` bytes were synced, after a power cut: a part of the rest is there, and its end is torn, of zeros or of anything. */
export function afterPowerLoss(log: Buffer, durable: number, random: Chance): [bytes: Buffer, durable: number] {
  const sound = Math.min(durable, log.length)
  const kept = Buffer.from(log.subarray(0, random() < 0.2 ? sound : between(random, sound, log.length)))
  const spoiltFrom = kept.length - between(random, 0, Math.min(kept.length - sound, random() < 0.5 ? 40 : 4_096))
  const way = between(random, 0, 3)
  if (way === 1) kept.fill(0, spoiltFrom)
  if (way === 2) for (let at = spoiltFrom; at < kept.length; at += 1) kept[at] = between(random, 0, 255)
  // A file may have grown on the disk before what was written into it arrived.
  return [way === 3 ? Buffer.concat([kept, Buffer.alloc(between(random, 1, 4_096))]) : kept, sound]
}

/**
 * For a process that was killed while test/store/power-loss-hook.mjs kept `sidecar`, in place: every log of `dataDir` is cut. Answers how
 * many bytes were cut off or spoilt at most.
 */
export function cutUnsyncedTail({ dataDir, sidecar, random }: { readonly dataDir: string; readonly sidecar: string; readonly random: Chance }): number {
  const durable = new Map<string, number>()
  for (const line of readFileSync(sidecar, 'utf8').split('\n')) {
    const [name, size] = line.split(' ')
    if (name !== undefined && /^\d+$/.test(size ?? '')) durable.set(name, Number(size))
  }
  let lost = 0
  const directory = join(dataDir, 'store')
  for (const name of readdirSync(directory).filter(file => file.endsWith('.log'))) {
    const log = readFileSync(join(directory, name))
    const [bytes, sound] = afterPowerLoss(log, durable.get(name) ?? 0, random)
    lost += log.length - sound
    writeFileSync(join(directory, name), bytes)
  }
  return lost
}
