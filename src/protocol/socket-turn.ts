// Frames of one turn of the event loop are worked off together, and what is said to charge points leaves together: one frame at a time, each step finds its code and its data gone from the processor's caches.
import type { WebSocket } from 'ws'
import { atEndOfTurn } from '../clock.ts'

/** Takes the frames of one connection. */
export interface Listener {
  received(text: string): void
}

/** So many frames are worked off before what they are answered leaves: who asked first does not wait for the last. */
const slice = 32

export class SocketTurn {
  private heard: { readonly listener: Listener; readonly text: string }[] = []
  private said: { readonly client: WebSocket; readonly text: string }[] = []
  private isComing = false

  /** A text frame came. Per connection, and over all of them, the order stays. */
  hear(listener: Listener, text: string): void {
    this.heard.push({ listener, text })
    this.come()
  }

  /** A text frame is to leave. */
  say(client: WebSocket, text: string): void {
    this.said.push({ client, text })
    this.come()
  }

  /** Before anything else happens to a connection: what came before it is worked off, and what was said before it has left. */
  settle(): void {
    const { heard } = this
    this.heard = []
    let done = 0
    try {
      while (done < heard.length) {
        const { listener, text } = heard[done++]!
        listener.received(text)
        if (done % slice === 0) this.leave()
      }
    } finally {
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
    if (said.length === 0) return
    this.said = []
    for (const { client, text } of said) client.send(text, ignoreFailure)
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

// A failed write is followed by `close`, which ends the connection.
function ignoreFailure(): void {}
