// How much is measured: the published figures, a quick look, or only a proof that everything still runs.

export type Scale = 'full' | 'quick' | 'smoke'
/** One value for each of them. */
export type PerScale<Value> = Readonly<Record<Scale, Value>>
