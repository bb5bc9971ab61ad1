// While a seed runs the machine's own time and chance are out of reach: whoever asks for them is caught.

const trapped: readonly (readonly [owner: object, name: string])[] = [
  [Date, 'now'], [Math, 'random'], [Reflect.get(globalThis, 'performance') as object, 'now'], [globalThis, 'setTimeout'], [globalThis, 'setInterval'],
]

/** Code of the process around the run: a test runner keeps its own timers. */
const outsiders = /node:internal|vitest|tinypool|birpc/

export interface Trap { readonly caught: readonly string[]; open(): void }

/** Sets the trap; `open` puts everything back. Who is caught gets an exception and is remembered. */
export function setTrap(): Trap {
  const caught: string[] = []
  const restore = trapped.map(([owner, name]) => {
    const original = Object.getOwnPropertyDescriptor(owner, name) ?? Object.getOwnPropertyDescriptor(Object.getPrototypeOf(owner) as object, name)
    const own = Object.getOwnPropertyDescriptor(owner, name) !== undefined
    const real = original?.value as ((...args: unknown[]) => unknown) | undefined
    if (original === undefined || real === undefined) return () => undefined
    Object.defineProperty(owner, name, {
      configurable: true, writable: true, enumerable: original.enumerable ?? true,
      value: (...args: unknown[]): unknown => {
        const caller = new Error('in the simulation').stack?.split('\n')[2] ?? ''
        if (caller === '' || outsiders.test(caller)) return real.apply(owner, args)
        caught.push(`${name} was asked for ${caller.trim()}`)
        throw new Error(`${name} does not exist in a simulation`)
      },
    })
    return () => { if (own) Object.defineProperty(owner, name, original); else Reflect.deleteProperty(owner, name) }
  })
  return { caught, open() { for (const put of restore) put() } }
}
