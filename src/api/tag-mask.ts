// Id tags as those see them who may not: masked by the name of their field wherever they stand, so that equal ones still look equal.
import { maskTags } from '../actors/tag-mask.ts'

/** A copy of a value, to be answered to one caller. */
export type Show = <T>(value: T) => T

export const showAll: Show = (value) => value

/** Masks them by the names of their fields. */
export function createShowMasked(mask: (idTag: string) => string): Show {
  return (value) => maskTags(value, mask)
}
