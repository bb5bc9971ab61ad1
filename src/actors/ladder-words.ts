// What people are told of a charger that disobeys, and of what was tried.
import { countedA, type Disobedience, type Rung } from '../power/disobedience.ts'
import { distrustedA, type Distrust } from '../power/distrust.ts'
import { listed } from './listed.ts'

const triedInWords: Readonly<Record<Rung, string>> = {
  again: 'its limit was sent again', default: 'its TxDefaultProfile was set', maximum: 'its ChargePointMaxProfile was set',
  schedule: 'it was asked what it means to do', stop: 'it was told to end the transaction', operator: '',
}

/** What people are told of it, a sentence for each thing they can use. */
export function disobedienceInWords(key: string, state: Disobedience, measuredA: number, limitA: number): string {
  const tried = state.tried.filter((rung) => rung !== 'operator').map((rung) => triedInWords[rung])
  const said = state.reportedA === null ? '' : ` It says that it may take ${round(state.reportedA)} A.`
  const sent = tried.length === 0 ? '' : ` So far ${listed(tried)}.`
  const help = state.rung === 'operator' ? ' Nothing helped: somebody must look at the charge point, end the charging there or switch it off.' : ''
  return `${key} draws ${round(measuredA)} A although its limit is ${round(limitA)} A; ${round(countedA(state))} A are counted for it.${said}${sent}${help}`
}

/** What people are told of one that nothing helped against, after its transaction. */
export function distrustInWords(key: string, state: Distrust, hardwareA: number): string {
  return `${key} drew ${round(state.drawnA)} A whatever it was told; it counts ${round(distrustedA(state, hardwareA))} A, also without a car. Somebody must look at the charge point. ${distrustEndWords(state)}`
}

/** What is still missing before it is trusted again (decision 36). */
export function distrustEndWords({ drawnA, obeysSinceMs }: Distrust): string {
  const begun = obeysSinceMs === null ? '' : ' It does so now, not yet for 30 s.'
  return `That ends when a car draws just its limit for 30 s, one below ${round(drawnA)} A and below what the car would take (a car that draws nothing proves nothing), or with a new firmware or a changed entry in the configuration.${begun}`
}

function round(amps: number): number {
  return Math.round(amps * 10) / 10
}
