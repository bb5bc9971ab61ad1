// The question before something that cannot be taken back.
import type { ComponentChildren } from 'preact'
import { Dialog } from './dialog.tsx'

export function Confirm({ title, action, onYes, onClose, children }: { title: string; action: string; onYes: () => void; onClose: () => void; children: ComponentChildren }) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      <p class="line"><button type="button" class="danger" onClick={onYes}>{action}</button><button type="button" autofocus onClick={onClose}>Cancel</button></p>
    </Dialog>
  )
}
