// Walks along something that changes in steps, forward only: many instants are looked up in one pass.

/** Answers the last of `steps` (ascending) that has begun at an instant, or undefined before the first; the instants asked for must ascend. */
export function cursorOver<T>(steps: readonly T[], startOf: (step: T) => number): (at: number) => T | undefined {
  let next = 0
  return (at) => {
    for (let step = steps[next]; step !== undefined && startOf(step) <= at; step = steps[next]) next++
    return steps[next - 1]
  }
}
