// Whole steps: rounding to them, and how close two amounts are the same.

/** Differences below this are rounding of the machine. */
export const tiny = 1e-7

/** Down to a multiple of `step`. */
export function floorTo(value: number, step: number): number {
  return roundOff(Math.floor(value / step + tiny) * step)
}

/** Up to a multiple of `step`. */
export function ceilTo(value: number, step: number): number {
  return roundOff(Math.ceil(value / step - tiny) * step)
}

/** Amps as they are shown of a limit, in hundredths: never more than it is. */
export function floorShown(amps: number): number {
  return Math.floor(amps * 100 + 1e-9) / 100
}

/** Without the dust of adding tenths. */
export function roundOff(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
