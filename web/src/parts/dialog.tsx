// A modal dialog over the browser's own: focus stays inside, Escape closes, focus returns.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    ref.current?.showModal()
    return () => { if (before instanceof HTMLElement) before.focus() }
  }, [])
  return (
    <dialog ref={ref} aria-labelledby="dialog-title" onClose={onClose} onCancel={onClose}>
      <header><h2 id="dialog-title">{title}</h2><button type="button" class="plain" aria-label="Close" onClick={onClose}>✕</button></header>
      {children}
    </dialog>
  )
}
