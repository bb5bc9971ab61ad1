// Frames of one turn of the event loop are worked off together, and what is said to charge points leaves together: one frame at a time, each step finds its code and its data gone from the processor's caches.
import { atEndOfTurn } from '../clock.ts'

/** Takes the frames of one connection. */
export interface Listener {
  received(text: string): void
}

/** Where frames leave. */
export interface Speaker {
  write(text: string): void
}

/** So much is heard before it is worked off within the turn, characters and 64 for each frame: who floods has to be paused before the next read. */
const mostHeard = 64 * 1024

/** So many frames are worked off before what they are answered leaves: who asked first does not wait for the last. */
const slice = 32

export class SocketTurn {
  private heard: { readonly listener: Listener; readonly text: string }[] = []
  private said: { readonly speaker: Speaker; readonly text: string }[] = []
  private isComing = false
  private isSettling = false
  private heardSize = 0
  private readonly doubt: () => Promise<void> | null
  private isWaiting = false

  /** `doubt` = null, or what has to be known before anybody is heard or told anything more, soon to resolve. */
  constructor(doubt: () => Promise<void> | null = () => null) {
    this.doubt = doubt
  }

  /** A text frame came. Per connection, and over all of them, the order stays. */
  hear(listener: Listener, text: string): void {
    this.heard.push({ listener, text })
    this.heardSize += text.length + 64
    if (this.heardSize >= mostHeard) this.settle()
    else this.come()
  }

  /** A text frame is to leave. */
  say(speaker: Speaker, text: string): void {
    this.said.push({ speaker, text })
    // What the socket cannot take shows in its `bufferedAmount` only once it has left.
    if (this.said.length >= slice) this.leave()
    else this.come()
  }

  /** Before anything else happens to a connection: what came before it is worked off, and what was said before it has left. */
  settle(): void {
    if (this.waits()) return
    // Whoever is being worked off ends a connection: what comes after that is worked off after it.
    if (this.isSettling) return this.leave()
    const { heard } = this
    this.isSettling = true
    this.heard = []
    this.heardSize = 0
    let done = 0
    try {
      while (done < heard.length) {
        const { listener, text } = heard[done++]!
        listener.received(text)
        if (done % slice === 0) this.leave()
      }
    } finally {
      this.isSettling = false
      // Whoever throws takes no frame of others with it.
      if (done < heard.length) {
        this.heard = [...heard.slice(done), ...this.heard]
        this.come()
      }
      this.leave()
    }
    if (this.heard.length > 0) this.settle()
  }

  /** What was said leaves now. */
  leave(): void {
    const { said } = this
    if (said.length === 0 || this.waits()) return
    this.said = []
    for (const { speaker, text } of said) speaker.write(text)
  }

  /** Both ways: what came is not answered, and what was said before we were away does not leave. It grows for as long as the store is asked, no longer. */
  private waits(): boolean {
    if (this.isWaiting) return true
    const doubt = this.doubt()
    if (doubt === null) return false
    this.isWaiting = true
    void doubt.finally(() => {
      this.isWaiting = false
      this.settle()
    })
    return true
  }

  private come(): void {
    if (this.isComing) return
    this.isComing = true
    atEndOfTurn(() => {
      this.isComing = false
      this.settle()
    })
  }
}
