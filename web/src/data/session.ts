// Who looks: the key's name, scopes and sites, and whether a key has to be entered first.
import { signal } from '@preact/signals'
import { call, Refusal, said } from './call.ts'

interface Who {
  readonly name: string
  readonly scopes: readonly string[]
  /** null = every site. */
  readonly sites: readonly string[] | null
}

/** null while it is not known. */
export const who = signal<Who | null>(null)
export const keyNeeded = signal(false)

export async function lookWho(): Promise<void> {
  try {
    who.value = await call<Who>('/session')
    keyNeeded.value = false
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) keyNeeded.value = true
    else throw error
  }
}

/** Exchanges the key for a cookie; null when it went well, otherwise what kwota says. */
export async function enter(key: string): Promise<string | null> {
  try {
    await call('/session', { method: 'POST', headers: { Authorization: `Bearer ${key}` } })
    await lookWho()
    return null
  } catch (error) {
    return said(error)
  }
}

export async function leave(): Promise<void> {
  await call('/session', { method: 'DELETE' })
  who.value = null
  keyNeeded.value = true
}

/** What a key without the scope cannot do is not offered. */
export const may = (scope: string): boolean => who.value?.scopes.includes(scope) === true || who.value?.scopes.includes('admin') === true
