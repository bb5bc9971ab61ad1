// How long a random world lasts at least.

export const warmUpMs = 60_000
/** Healing: what is put right, and then 120 s until everything must be as planned. */
export const healingMs = 150_000
/** No world is shorter: between warming up and healing there must be time for faults. */
export const shortestWorldMs = warmUpMs + healingMs + 60_000
