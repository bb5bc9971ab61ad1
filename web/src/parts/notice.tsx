// Short messages at the foot of the page, some with one thing to do, gone after a while.
import { signal } from '@preact/signals'

interface Notice {
  readonly id: number
  readonly text: string
  readonly bad: boolean
  readonly action?: { readonly label: string; readonly run: () => void }
}

const most = 4
const notices = signal<readonly Notice[]>([])
let nextId = 1

/** `action` is offered for `forMs` (10 s); the answer takes the message away. */
export function notify(text: string, { bad = false, forMs = 10_000, action }: { bad?: boolean; forMs?: number; action?: Notice['action'] } = {}): () => void {
  const id = nextId++
  const dismiss = (): void => { notices.value = notices.value.filter((other) => other.id !== id) }
  notices.value = [...notices.value.slice(1 - most), { id, text, bad, ...(action !== undefined && { action }) }]
  setTimeout(dismiss, forMs)
  return dismiss
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, bad, action }) => (
        <p key={id} class={bad ? 'bad' : ''}>{text}{action !== undefined && <button type="button" onClick={() => { notices.value = notices.value.filter((other) => other.id !== id); action.run() }}>{action.label}</button>}</p>
      ))}
    </div>
  )
}
