// What goes wrong with one charge point of a recorded day, drawn by seed: how its meter speaks, what of it is late, twice or lost.
import { between, forkRandom, type Random } from '../../src/simulator/random.ts'

export const meterStyles = ['plain', 'kilo', 'phases', 'inlet', 'implicit', 'noisy', 'in-the-stop', 'nameless'] as const
export type MeterStyle = (typeof meterStyles)[number]

export const registerFaults = ['none', 'none', 'none', 'none', 'spike', 'dip', 'reset', 'wrong-stop', 'steep'] as const
export type RegisterFault = (typeof registerFaults)[number]

export interface Mischief {
  readonly meter: MeterStyle
  /** Of its frames these parts are kept back for a while and then sent shuffled, sent again, or not answered as far as it knows. */
  readonly keptBack: number
  readonly repeated: number
  readonly unanswered: number
  /** The stop is kept back until long after. */
  readonly stopComesLate: boolean
  /** A second stop, with another meter. */
  readonly stopsAgain: boolean
  /** Now and then it believes that it is 1970. */
  readonly losesItsClock: boolean
  readonly registerFaultOf: (startedAt: string) => RegisterFault
  readonly random: Random
}

export function drawMischief(seed: number, clientID: string, index: number): Mischief {
  const random = forkRandom(seed, `mischief ${clientID}`)
  const one = (part: number) => random() < part
  return {
    meter: meterStyles[index % meterStyles.length]!,
    keptBack: one(0.3) ? 0.4 : 0,
    repeated: one(0.5) ? 0.2 : 0,
    unanswered: one(0.3) ? 0.05 : 0,
    stopComesLate: one(0.12),
    stopsAgain: one(0.08),
    losesItsClock: one(0.05),
    registerFaultOf: (startedAt) => {
      const drawn = forkRandom(seed, `${clientID} ${startedAt}`)
      return registerFaults[between(drawn, 0, registerFaults.length - 1)]!
    },
    random,
  }
}
