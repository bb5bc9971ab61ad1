// What a car does at its connector, decided in one place and said in the same words everywhere.

/** `charging` = it draws, or its charge point says so and it may; `waiting` = for kwota, or for what it was just given; `paused` = by the car or its charger, or full; `offline` = nobody knows, its charge point is out of reach. */
export const doings = ['charging', 'waiting', 'paused', 'offline'] as const
export type Doing = (typeof doings)[number]

/** How many cars do what. */
export interface DoingCounts { readonly charging: number; readonly waiting: number; readonly paused: number; readonly offline: number }

/** So much is a car that charges, A; less is what stands by. */
const drawsA = 1

export interface DoingFacts {
  readonly transactionId: number | null
  readonly online: boolean
  readonly status: string
  readonly requestedA: number
  readonly allocatedA: number
  /** What it has accepted; null = nothing yet. */
  readonly confirmedA: number | null
  /** What it draws by a reading of now; null = there is none. */
  readonly measuredA: number | null
  /** That reading is from before the car could follow its newest limit. */
  readonly changedSince: boolean
}

/** Null = there is no car that counts. */
export function doingOf({ transactionId, online, status, requestedA, allocatedA, confirmedA, measuredA, changedSince }: DoingFacts): Doing | null {
  const draws = measuredA !== null && measuredA >= drawsA
  if (transactionId === null) return online && draws ? 'charging' : null
  if (!online) return 'offline'
  if (draws) return 'charging'
  // What is decided and not told yet is nothing that the car could take.
  if (requestedA > 0 && (allocatedA <= 0 || confirmedA === 0)) return 'waiting'
  const isSaid = measuredA === null || changedSince
  if (isSaid && status === 'Charging') return 'charging'
  return changedSince && status !== 'SuspendedEV' ? 'waiting' : 'paused'
}

export function countDoing(connectors: readonly { readonly doing: Doing | null }[]): DoingCounts {
  const counts = { charging: 0, waiting: 0, paused: 0, offline: 0 }
  for (const { doing } of connectors) if (doing !== null) counts[doing]++
  return counts
}

/** `6 cars charging, 2 waiting, 1 paused or full, 1 offline`; `no car is charging` where there is none. */
export function carWords({ charging, waiting, paused, offline }: DoingCounts): string {
  if (charging + waiting + paused + offline === 0) return 'no car is charging'
  const cars = charging === 0 ? 'no car charging' : charging === 1 ? '1 car charging' : `${charging} cars charging`
  return [cars, ...(waiting > 0 ? [`${waiting} waiting`] : []), ...(paused > 0 ? [`${paused} paused or full`] : []), ...(offline > 0 ? [`${offline} offline`] : [])].join(', ')
}
