// What a screen reader is told of words that go on changing: not more often than every 5 s, and only when they say something else.
import { useEffect, useState } from 'preact/hooks'

const everyMs = 5000

/** The words to put into a live region. `sense` leaves out what is not worth a word, such as each ampere; `first` = what stands there at the beginning, which most readers do not say. */
export function useAnnouncement(text: string, { sense = (words) => words, first = text }: { sense?: (words: string) => string; first?: string } = {}): string {
  const [told, tell] = useState({ text: first, atMs: -Infinity })
  const changed = sense(text) !== sense(told.text)
  useEffect(() => {
    if (!changed) return
    const timer = setTimeout(() => tell({ text, atMs: performance.now() }), Math.max(0, told.atMs + everyMs - performance.now()))
    return () => clearTimeout(timer)
  }, [changed, text])
  return told.text
}
