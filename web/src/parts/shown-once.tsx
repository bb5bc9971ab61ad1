// A secret that kwota has made: shown this once, with a way to copy it.
import { Copy } from './copy.tsx'

export function ShownOnce({ what, secret }: { what: string; secret: string }) {
  return (
    <div class="once">
      <p><b>{what}</b>: shown now and never again. Copy it before you close this.</p>
      <p class="line"><code class="secret">{secret}</code><Copy text={secret} what={what} /></p>
    </div>
  )
}
