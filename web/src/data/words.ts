// Numbers, times and names as the pages write them.

/** `9.8`, at most one decimal; `–` for what is not known. */
export function num(value: number | null | undefined, decimals = 1): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  return String(Math.round(value * 10 ** decimals) / 10 ** decimals)
}
export const amps = (valueA: number | null | undefined): string => (valueA === null || valueA === undefined ? '–' : `${num(valueA)} A`)
/** Of one phase: amps as they are, or as the kilowatts they are there. */
export const phasePower = (valueA: number | null | undefined, unit: 'A' | 'kW', voltage: number): string => (unit === 'A' || valueA === null || valueA === undefined ? amps(valueA) : kilowatts(valueA * voltage))
/** A limit is never written as more than it is. */
export const limitPower = (valueA: number, unit: 'A' | 'kW', voltage: number): string => (unit === 'A' ? limitAmps(valueA) : limitKilowatts(valueA * voltage))
export const limitAmps = (valueA: number): string => `${atMost(valueA)} A`
export const limitKilowatts = (valueW: number): string => `${atMost(valueW / 1000)} kW`
const atMost = (value: number): number => Math.floor(value * 10 + 1e-6) / 10
export const kilowatts = (valueW: number | null | undefined): string => (valueW === null || valueW === undefined ? '–' : `${num(valueW / 1000)} kW`)
export const kilowattHours = (valueWh: number | null | undefined): string => (valueWh === null || valueWh === undefined ? '–' : `${num(valueWh / 1000, 2)} kWh`)
export const money = (cost: { readonly amountMinor: number; readonly currency: string } | null | undefined): string =>
  cost === null || cost === undefined ? '–' : new Intl.NumberFormat(undefined, { style: 'currency', currency: cost.currency }).format(cost.amountMinor / minorOf(cost.currency))

/** `4 min`, `2 h 5 min`, `3 d 4 h`, `7 d`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min`
  if (s < 86_400) return two(Math.floor(s / 3600), 'h', Math.floor((s % 3600) / 60), 'min')
  return two(Math.floor(s / 86_400), 'd', Math.floor((s % 86_400) / 3600), 'h')
}
const two = (much: number, of: string, rest: number, less: string): string => (rest === 0 ? `${much} ${of}` : `${much} ${of} ${rest} ${less}`)
/** `18:30` today, `Tue 18:30` within six days, otherwise with the date. `zone`: IANA name; left out = the reader's. */
export function clock(at: string | number | null | undefined, nowMs: number, zone?: string): string {
  if (at === null || at === undefined) return '–'
  const time = new Date(at)
  const inZone = zone === undefined ? {} : { timeZone: zone }
  const day = (when: Date) => when.toLocaleDateString('sv', inZone)
  const hours = time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', ...inZone })
  if (day(time) === day(new Date(nowMs))) return hours
  const near = Math.abs(time.getTime() - nowMs) < 6 * 86_400_000
  return near ? `${time.toLocaleDateString('en-GB', { weekday: 'short', ...inZone })} ${hours}` : `${day(time)} ${hours}`
}
/** `12 s ago`. */
export const ago = (at: string | number | null | undefined, nowMs: number): string => (at === null || at === undefined ? 'never' : `${duration((nowMs - new Date(at).getTime()) / 1000)} ago`)
/** `SuspendedEV` → `suspended ev` is no word: OCPP's states as people say them. */
export const statusWords: Readonly<Record<string, string>> = {
  Available: 'free', Preparing: 'plugged in', Charging: 'charging', SuspendedEVSE: 'paused by the charger', SuspendedEV: 'paused by the car', Finishing: 'finishing', Reserved: 'reserved', Unavailable: 'out of service', Faulted: 'faulted',
}

/** Minor units in one of its currency: 100 of EUR, 1 of JPY. */
export function minorOf(currency: string): number {
  return 10 ** (new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2)
}

/** Who did it, for people: names of keys as they are. */
export const byWords = (name: string): string => holders[name] ?? name
const holders: Readonly<Record<string, string>> = { bootstrap: 'the key KWOTA_API_KEY', local: 'somebody on this machine', engine: 'kwota' }
