// Short messages at the foot of the page, some with one thing to do, gone after a while.
import { signal } from '@preact/signals'
import { useAnnouncement } from './announcement.ts'

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

interface Running { readonly key: string; readonly text: string; readonly bad: boolean }

const running = signal<readonly Running[]>([])

/** Words that go on changing, one message for each `key`: it changes in place and is announced at most every 5 s; null takes it away. */
export function keepSaying(key: string, text: string | null, { bad = false }: { bad?: boolean } = {}): void {
  const at = running.value.findIndex((other) => other.key === key)
  const others = running.value.filter((other) => other.key !== key)
  running.value = text === null ? others : at === -1 ? [...others.slice(1 - most), { key, text, bad }] : running.value.with(at, { key, text, bad })
}

export function Notices() {
  const announced = useAnnouncement(running.value.map(({ text }) => text).join(' '), { first: '' })
  return (
    <div class="notices">
      <div class="notices-once" role="status" aria-live="polite">
        {notices.value.map(({ id, text, bad, action }) => (
          <p key={id} class={bad ? 'bad' : ''}>{text}{action !== undefined && <button type="button" onClick={() => { notices.value = notices.value.filter((other) => other.id !== id); action.run() }}>{action.label}</button>}</p>
        ))}
      </div>
      {running.value.map(({ key, text, bad }) => <p key={key} class={bad ? 'bad' : ''}>{text}</p>)}
      <div class="unseen" role="status" aria-live="polite">{announced}</div>
    </div>
  )
}
