// Browsers hold no key: they exchange it for a cookie that no script can read and no other origin sends.
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Principal } from './auth.ts'

export interface KeySessions {
  /** The value of Set-Cookie and its end; `secure` = the page came over TLS. */
  open(principal: Principal, secure: boolean): { readonly cookie: string; readonly expiresAtMs: number }
  /** Whose cookie it is, from the Cookie header as it came; null for none, an ended one, or one whose key is gone. */
  find(cookies: string | undefined): Principal | null
  /** Ends it, if it is one; answers the Set-Cookie that removes it. */
  end(cookies: string | undefined): string
}

const name = 'kwota_session'
const lastsMs = 12 * 3_600_000
const mostKept = 1_000
const form = /(?:^|;)\s*kwota_session=([A-Za-z0-9_-]{43})(?:;|$)/

/** In memory: a restart ends them all. Of more than 1,000 the oldest ends. What is kept of each is a digest. */
export function createKeySessions(clock: Clock): KeySessions {
  const kept = new Map<string, { readonly principal: Principal; readonly untilMs: number }>()

  function idOf(cookies: string | undefined): string | null {
    const token = form.exec(cookies ?? '')?.[1]
    return token === undefined ? null : digest(token)
  }

  return {
    open(principal, secure) {
      const token = randomBytes(32).toString('base64url')
      const oldest = kept.keys().next()
      if (kept.size >= mostKept && oldest.done !== true) kept.delete(oldest.value)
      kept.set(digest(token), { principal, untilMs: clock.mono() + lastsMs })
      return { cookie: `${name}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${lastsMs / 1000}${secure ? '; Secure' : ''}`, expiresAtMs: clock.wall() + lastsMs }
    },
    find(cookies) {
      const id = idOf(cookies)
      const found = id === null ? undefined : kept.get(id)
      if (id === null || found === undefined) return null
      if (found.untilMs > clock.mono() && found.principal.stands()) return found.principal
      kept.delete(id)
      return null
    },
    end(cookies) {
      const id = idOf(cookies)
      if (id !== null) kept.delete(id)
      return `${name}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`
    },
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
