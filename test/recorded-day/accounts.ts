// What kwota has on record of a day, beside what the independent recomputation says: every difference in words.
import type { Directory } from '../../src/actors/directory.ts'
import type { Verdict } from './oracle/oracle.ts'

export interface Account {
  readonly id: number
  readonly status: string
  readonly energyMWh: number
  readonly anomalies: number
  readonly idleMs: number
  readonly amountMinor: number | null
  readonly currency: string | null
  readonly startedAtMs: number
  readonly stoppedAtMs: number | null
}

/** As REST lists them, page by page, each as it is kept; what list and record say of cost must be the same. */
export async function readAccounts({ house: { records } }: Directory): Promise<Account[]> {
  const accounts: Account[] = []
  let after: string | undefined
  do {
    const page = await records.list({ limit: 100, after })
    for (const view of page.data) {
      const { id, status, energyMWh, anomalies, idleMs, cost, startedAtMs, stoppedAtMs } = await records.record(view.id)
      accounts.push({ id, status, energyMWh, anomalies, idleMs, amountMinor: cost?.amountMinor ?? null, currency: cost?.currency ?? null, startedAtMs, stoppedAtMs })
      if (view.cost?.amountMinor !== cost?.amountMinor) throw new Error(`transaction ${id} is listed with another cost than it has`)
    }
    after = page.next ?? undefined
  } while (after !== undefined)
  return accounts
}

export interface Sums { readonly energyMWh: bigint; readonly idleMs: number; readonly amountMinor: bigint }

export function sumsOf(verdicts: readonly Verdict[]): Sums {
  return {
    energyMWh: verdicts.reduce((sum, one) => sum + one.energyMWh, 0n), idleMs: verdicts.reduce((sum, one) => sum + one.idleMs, 0),
    amountMinor: verdicts.reduce((sum, one) => sum + one.amountMinor, 0n),
  }
}

export function sumsOfAccounts(accounts: readonly Account[]): Sums {
  return {
    energyMWh: accounts.reduce((sum, one) => sum + BigInt(one.energyMWh), 0n), idleMs: accounts.reduce((sum, one) => sum + one.idleMs, 0),
    amountMinor: accounts.reduce((sum, one) => sum + BigInt(one.amountMinor ?? 0), 0n),
  }
}

/** One line for each transaction that is missing, too many or otherwise; none = all is equal. */
export function differences(verdicts: readonly Verdict[], accounts: readonly Account[]): string[] {
  const byId = new Map(accounts.map((one) => [one.id, one]))
  const expected = new Set(verdicts.map(({ transactionId }) => transactionId))
  const found = accounts.filter(({ id }) => !expected.has(id)).map(({ id }) => `${id}: kwota has it, the frames do not`)
  if (expected.size !== verdicts.length) found.push(`${verdicts.length - expected.size} transactions of the recomputation have the number of another`)
  for (const verdict of verdicts) {
    const account = byId.get(verdict.transactionId)
    const say = (what: string, ours: unknown, theirs: unknown): void => {
      if (String(ours) !== String(theirs)) found.push(`${verdict.transactionId} of ${verdict.clientID} (${verdict.mode}): ${what} ${String(theirs)}, recomputed ${String(ours)}`)
    }
    if (account === undefined) {
      found.push(`${verdict.transactionId} of ${verdict.clientID}: kwota does not have it`)
      continue
    }
    say('status', verdict.stoppedAtMs === null ? 'unconfirmed' : 'stopped', account.status)
    say('startedAtMs', verdict.startedAtMs, account.startedAtMs)
    say('stoppedAtMs', verdict.stoppedAtMs, account.stoppedAtMs)
    say('mWh', verdict.energyMWh, account.energyMWh)
    say('anomalies', verdict.anomalies, account.anomalies)
    say('idle ms', verdict.idleMs, account.idleMs)
    say('cost', verdict.amountMinor, account.amountMinor)
    say('currency', verdict.currency, account.currency)
  }
  return found
}
