// The register readings of one transaction, thinned to the first and last of each minute; the order and number of notes change nothing.

/** One reading of the import register, by our clock. */
export interface Point { readonly atMs: number; readonly energyWh: number }

/** Stretches are first a minute long; more than `mostStretches` of them make all of them longer (docs/transactions.md; the day only bounds what a misled clock may write). */
const widthsMs = [60_000, 300_000, 900_000, 3_600_000, 86_400_000] as const
const mostStretches = 3_000

/** Mutable, beside the machines: at most two points per stretch, in order of time. */
export class Curve {
  #width = 0
  // Parallel, sorted: the number of the stretch, and its first and last reading.
  #stretch: number[] = []
  #firstMs: number[] = []
  #firstWh: number[] = []
  #lastMs: number[] = []
  #lastWh: number[] = []

  static from(points: Iterable<Point>): Curve {
    const curve = new Curve()
    for (const { atMs, energyWh } of points) curve.note(atMs, energyWh)
    return curve
  }

  /** Another one with the same readings; what is noted in it is thinned as it would be here. */
  copy(): Curve {
    const copy = new Curve()
    copy.#width = this.#width
    copy.#stretch = [...this.#stretch]
    copy.#firstMs = [...this.#firstMs]
    copy.#firstWh = [...this.#firstWh]
    copy.#lastMs = [...this.#lastMs]
    copy.#lastWh = [...this.#lastWh]
    return copy
  }

  /** How many points there are. */
  get size(): number {
    let size = 0
    for (let at = 0; at < this.#stretch.length; at++) size += this.#firstMs[at] === this.#lastMs[at] ? 1 : 2
    return size
  }

  /** Takes in a reading in Wh, at whole ms. Answers whether it changed anything; in order of time it costs no search. */
  note(atMs: number, energyWh: number): boolean {
    const ms = Math.floor(atMs)
    if (!Number.isSafeInteger(ms) || !(energyWh >= 0 && energyWh <= 1e12)) return false
    const wh = Math.round(energyWh * 1000) / 1000
    const stretch = Math.floor(ms / widthsMs[this.#width]!)
    const at = this.#placeOf(stretch)
    if (this.#stretch[at] === stretch) return this.#meet(at, ms, wh)
    this.#insert(at, stretch, ms, wh)
    while (this.#stretch.length > mostStretches && this.#width < widthsMs.length - 1) this.#widen()
    return true
  }

  /** In order of time, one per instant. */
  points(): readonly Point[] {
    const points: Point[] = []
    for (let at = 0; at < this.#stretch.length; at++) {
      points.push({ atMs: this.#firstMs[at]!, energyWh: this.#firstWh[at]! })
      if (this.#lastMs[at] !== this.#firstMs[at]) points.push({ atMs: this.#lastMs[at]!, energyWh: this.#lastWh[at]! })
    }
    return points
  }

  #placeOf(stretch: number): number {
    const count = this.#stretch.length
    if (count === 0 || stretch > this.#stretch[count - 1]!) return count
    if (stretch === this.#stretch[count - 1]) return count - 1
    let [low, high] = [0, count]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#stretch[middle]! < stretch) low = middle + 1
      else high = middle
    }
    return low
  }

  #insert(at: number, stretch: number, ms: number, wh: number): void {
    if (at === this.#stretch.length) {
      this.#stretch.push(stretch)
      for (const times of [this.#firstMs, this.#lastMs]) times.push(ms)
      for (const values of [this.#firstWh, this.#lastWh]) values.push(wh)
      return
    }
    this.#stretch.splice(at, 0, stretch)
    for (const times of [this.#firstMs, this.#lastMs]) times.splice(at, 0, ms)
    for (const values of [this.#firstWh, this.#lastWh]) values.splice(at, 0, wh)
  }

  /** Of two at one instant the larger counts. */
  #meet(at: number, ms: number, wh: number): boolean {
    const isFirst = ms < this.#firstMs[at]! || (ms === this.#firstMs[at] && wh > this.#firstWh[at]!)
    const isLast = ms > this.#lastMs[at]! || (ms === this.#lastMs[at] && wh > this.#lastWh[at]!)
    if (isFirst) [this.#firstMs[at], this.#firstWh[at]] = [ms, wh]
    if (isLast) [this.#lastMs[at], this.#lastWh[at]] = [ms, wh]
    return isFirst || isLast
  }

  #widen(): void {
    const [stretches, ...columns] = [this.#stretch, this.#firstMs, this.#firstWh, this.#lastMs, this.#lastWh] as const
    const [firstMs, firstWh, lastMs, lastWh] = columns
    const factor = widthsMs[this.#width + 1]! / widthsMs[this.#width]!
    this.#width++
    this.#stretch = []
    this.#firstMs = []
    this.#firstWh = []
    this.#lastMs = []
    this.#lastWh = []
    for (let at = 0; at < stretches.length; at++) {
      const stretch = Math.floor(stretches[at]! / factor)
      const place = this.#stretch.length - 1
      if (this.#stretch[place] === stretch) [this.#lastMs[place], this.#lastWh[place]] = [lastMs[at]!, lastWh[at]!]
      else {
        this.#insert(place + 1, stretch, firstMs[at]!, firstWh[at]!)
        ;[this.#lastMs[place + 1], this.#lastWh[place + 1]] = [lastMs[at]!, lastWh[at]!]
      }
    }
  }
}
