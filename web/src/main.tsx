// Where the pages begin: who looks, then the page the address names.
import { render } from 'preact'
import { lookWho } from './data/session.ts'
import { Shell } from './shell.tsx'

const root = document.getElementById('kwota')
if (root !== null) {
  root.replaceChildren()
  render(<Shell />, root)
}
// Without an answer the pages say so themselves.
lookWho().catch(() => undefined)
