// Plans with the memory of the plan before and without any: both must say the same.
import { deepStrictEqual } from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { PlanMemory } from '../../src/power/memory.ts'
import { plan, type Plan, type PlanInputs } from '../../src/power/plan.ts'
import { plainPlan } from './invariants.ts'

/** The plan with memory. Throws where the plain one is another. */
export function planTwice(inputs: PlanInputs, nowMs: number, memory: PlanMemory): Plan {
  const made = plan(inputs, nowMs, memory)
  const plain = plan(inputs, nowMs)
  if (!isDeepStrictEqual(plainPlan(made), plainPlan(plain))) deepStrictEqual(plainPlan(made), plainPlan(plain), `with memory the plan of ${nowMs} is another`)
  return made
}
