// A button that copies a text, and says that it did.
import { useState } from 'preact/hooks'

/** `what` names the text for those who do not see it beside the button. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState<'yes' | 'no' | null>(null)
  async function copy(): Promise<void> {
    setDone(await copied(text) ? 'yes' : 'no')
    setTimeout(() => setDone(null), 3000)
  }
  return (
    <button type="button" onClick={() => void copy()}>
      {done === 'yes' ? '✓ Copied' : done === 'no' ? 'Select and copy it' : 'Copy'} <span class="unseen">{what}</span>
    </button>
  )
}

// The clipboard is there on localhost and over HTTPS only; elsewhere the older way.
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    document.querySelector('dialog[open]')?.append(field)
    if (!field.isConnected) document.body.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}
