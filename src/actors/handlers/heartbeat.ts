// Heartbeat: sets the charge point's clock.
import type { Handle } from './station.ts'

export const heartbeat: Handle<'Heartbeat'> = (station) => ({ currentTime: new Date(station.clock.wall()).toISOString() })
