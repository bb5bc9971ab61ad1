// The local authorisation list of a charge point as OCPP 1.6 (5.15) has it, in memory; faults are asked for one by one.
import { messages, type RequestOf } from '../../src/protocol/messages/index.ts'
import { accept, type Script } from './site-stand.ts'

type Update = RequestOf<'SendLocalList'>
/** What happens to the next SendLocalList instead of what should. */
export type Fault = 'hold' | 'lost answer' | 'Failed' | 'VersionMismatch' | 'NotSupported' | 'error' | null

export class ListMemory {
  version = 0
  readonly tags = new Map<string, string>()
  readonly heard: string[] = []
  readonly updates: Update[] = []
  /** Consumed one per SendLocalList. */
  readonly faults: Fault[] = []
  lengths: Record<string, string> = {}
  /** What GetLocalListVersion is answered instead. */
  versionAnswer: { readonly listVersion: number } | { readonly error: string } | 'hold' | null = null

  readonly script: Script = (action, payload) => {
    this.heard.push(action)
    if (action === 'GetLocalListVersion') return this.versionAnswer ?? { listVersion: this.version }
    if (action === 'SendLocalList') return this.take(messages.SendLocalList.request.parse(payload))
    if (action === 'GetConfiguration') {
      const { key = [] } = messages.GetConfiguration.request.parse(payload)
      const known = key.filter((name) => this.lengths[name] !== undefined)
      if (known.length > 0) return { configurationKey: known.map((name) => ({ key: name, readonly: true, value: this.lengths[name]! })), unknownKey: key.filter((name) => !known.includes(name)) }
    }
    return accept(action, payload)
  }

  /** Sorted, `tag status`. */
  get list(): string[] {
    return [...this.tags].map(([tag, status]) => `${tag} ${status}`).sort()
  }

  /** `Full 3: A, -B` */
  get said(): string[] {
    return this.updates.map(({ updateType, listVersion, localAuthorizationList = [] }) => `${updateType} ${listVersion}: ${localAuthorizationList.map(({ idTag, idTagInfo }) => `${idTagInfo === undefined ? '-' : ''}${idTag}`).join(', ')}`)
  }

  /** Somebody else gives it a list, under a version that is higher by so much. */
  meddle(by: number): void {
    this.version += by
    this.tags.set('strange', 'Accepted')
  }

  forget(): void {
    this.heard.length = 0
    this.updates.length = 0
  }

  private take(update: Update): ReturnType<Script> {
    this.updates.push(update)
    const fault = this.faults.shift() ?? null
    if (fault === 'hold') return 'hold'
    if (fault === 'error') return { error: 'InternalError' }
    if (fault !== null && fault !== 'lost answer') return { status: fault }
    const status = this.apply(update)
    return fault === 'lost answer' ? 'hold' : { status }
  }

  private apply({ updateType, listVersion, localAuthorizationList = [] }: Update): string {
    if (updateType === 'Differential' && listVersion <= this.version) return 'VersionMismatch'
    if (localAuthorizationList.length > Number(this.lengths['SendLocalListMaxLength'] ?? Infinity)) return 'Failed'
    if (updateType === 'Full') this.tags.clear()
    for (const { idTag, idTagInfo } of localAuthorizationList) {
      if (idTagInfo === undefined) this.tags.delete(idTag.toLowerCase())
      else this.tags.set(idTag.toLowerCase(), idTagInfo.status)
    }
    this.version = listVersion
    return this.tags.size > Number(this.lengths['LocalAuthListMaxLength'] ?? Infinity) ? 'Failed' : 'Accepted'
  }
}
