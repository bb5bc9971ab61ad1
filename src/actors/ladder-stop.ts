// Ends the transaction of a charger that goes on disobeying, as a command that people see.
import type { Estate } from './estate.ts'
import { noteDisobeying } from './stop-cause.ts'

/** In the next turn, since the site is in the middle of its own. What it answers changes nothing here: the ladder goes on where it does not end. */
export function stopDisobeying(estate: Estate, clientID: string, transactionId: number): void {
  const { log, clock } = estate.options
  log.warn({ clientID, transactionId }, 'a charge point draws more than its limit whatever it is told; its transaction is stopped')
  clock.after(0, () => {
    const station = estate.familyOf(clientID)?.station
    if (station === undefined) return
    noteDisobeying(station, transactionId)
    // Where the store is down the stop is asked for all the same: it is about the fuse.
    station.scope.flush().catch(() => undefined).then(() => station.order('RemoteStopTransaction', { transactionId })).then(
      ({ status }) => { if (status !== 'accepted') log.warn({ clientID, transactionId, status }, 'a charge point that disobeys did not stop its transaction') },
      (error: unknown) => log.warn({ clientID, transactionId, error }, 'a charge point that disobeys could not be told to stop its transaction'),
    )
  })
}
