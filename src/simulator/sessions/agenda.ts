// What is to happen when: a heap of (time, order of planning), for players that need no promises.

export interface Agenda {
  plan(atMs: number, run: () => void): void
  /** When the next thing happens; Infinity = nothing does. */
  readonly nextMs: number
  /** Runs everything planned for that moment, also what is planned for it meanwhile. */
  runAll(atMs: number): void
}

interface Item { readonly atMs: number; readonly order: number; readonly run: () => void }

export function createAgenda(): Agenda {
  const heap: Item[] = []
  let order = 0

  function pop(): Item {
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= heap.length) break
      const smaller = left + 1 < heap.length && isBefore(heap[left + 1]!, heap[left]!) ? left + 1 : left
      if (!isBefore(heap[smaller]!, last)) break
      heap[at] = heap[smaller]!
      at = smaller
    }
    heap[at] = last
    return first
  }

  return {
    plan(atMs, run) {
      const item = { atMs, order: order++, run }
      let at = heap.length
      heap.push(item)
      for (let above = (at - 1) >> 1; at > 0 && isBefore(item, heap[above]!); above = (at - 1) >> 1) {
        heap[at] = heap[above]!
        at = above
      }
      heap[at] = item
    },
    get nextMs() { return heap[0]?.atMs ?? Infinity },
    runAll(atMs) {
      while (heap.length > 0 && heap[0]!.atMs <= atMs) pop().run()
    },
  }
}

function isBefore(a: Item, b: Item): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
