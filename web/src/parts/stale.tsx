// Somebody else was faster: who, and the way on that loses nothing of what was typed.
import { Mark } from './reading.tsx'

/** `words` = what kwota says of the other change. */
export function Stale({ words, onReadAgain }: { words: string; onReadAgain: () => void }) {
  return (
    <div role="alert" class="once">
      <p><Mark kind="warning" /> <b>Not saved: it has changed meanwhile.</b> {words}</p>
      <p class="line middle"><button type="button" class="main" onClick={onReadAgain}>Read it again</button><span>What you typed stays; look at it once more, then save.</span></p>
    </div>
  )
}
