// Uploaded files in a whole house: addresses that open once, what is kept of what came, and list and disk in step after a restart.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { redact } from '../../src/actors/message-text.ts'
import { createMemoryFiles, type MemoryFiles } from '../store/memory-files.ts'
import { chunks, textOf } from '../store/files-contract.ts'
import { caller, openHouse, twoSites, type HouseOptions, type HouseStand } from './house-stand.ts'
import type { Peer } from './site-stand.ts'

interface Yard { readonly stand: HouseStand; readonly peer: Peer; readonly files: MemoryFiles }

async function openYard(options: Partial<HouseOptions> = {}, bounds: { maxMiB?: number; keepDays?: number; keepFilesPerChargePoint?: number; publicUrl?: string } = {}): Promise<Yard> {
  const files = createMemoryFiles()
  const stand = await openHouse({ ...twoSites, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }], uploads: { files, maxMiB: 1, keepDays: 30, keepFilesPerChargePoint: 20, ...bounds }, ...options })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(30_000)
  peer.script = () => ({ fileName: 'diag.zip' })
  return { stand, peer, files }
}

async function another(yard: Yard, clientID: string): Promise<Yard> {
  const peer = await yard.stand.boot(clientID)
  await yard.stand.clock.advance(30_000)
  peer.script = () => ({ fileName: 'diag.zip' })
  return { ...yard, peer }
}

/** The location the charge point was told, and the command. */
async function ask({ stand, peer }: Yard, name: 'GetDiagnostics' | 'GetLog' = 'GetDiagnostics', body: object = {}, clientID = 'CP1'): Promise<{ location: string; token: string; id: string }> {
  const issued = stand.house.commands.issue(clientID, name, { ...(name === 'GetLog' ? { logType: 'DiagnosticsLog', log: {} } : {}), ...body }, {}, caller)
  await stand.clock.advance(500)
  const { id } = await issued
  const payload = peer.last().payload as { location?: string; log?: { remoteLocation: string } }
  const location = payload.location ?? payload.log?.remoteLocation ?? ''
  return { location, token: /\/uploads\/([\w-]{22})\/$/.exec(location)?.[1] ?? '', id }
}

async function bring({ stand }: Yard, token: string, ...parts: readonly (string | Uint8Array | Error)[]): Promise<void> {
  const received = stand.house.uploads.receive(token, { fileName: '', contentType: 'text/plain', content: chunks(...parts) })
  received.catch(() => undefined)
  await stand.clock.advance(10)
  return received
}
const list = ({ stand }: Yard, clientID = 'CP1') => stand.house.uploads.list(clientID)

describe('an address of our own', () => {
  test('lies under the origin the charge point came through, differs each time, and is shown to nobody', async () => {
    const yard = await openYard()
    const first = await ask(yard)
    const second = await ask(yard)
    expect(first.location).toMatch(/^http:\/\/kwota\.example:8080\/uploads\/[\w-]{22}\/$/)
    expect(second.token).not.toBe(first.token)
    expect(JSON.stringify(yard.stand.house.commands.list())).not.toContain(first.token)
    expect(yard.stand.house.commands.get(first.id).request['location']).toBe('http://kwota.example:8080/uploads/…/')
    expect(JSON.stringify([...await yard.stand.store.read('main')])).not.toContain(first.token)
    for (const frame of [JSON.stringify([2, 'a', 'GetDiagnostics', { location: first.location }]), `[2,"a","GetLog",{"log":{"remoteLocation":"${first.location.replaceAll('/', '\\/')}"}}]`]) {
      const { text } = redact(frame, 'GetDiagnostics')
      expect([text.includes(first.token), text.includes('uploads')]).toEqual([false, true])
    }
  })

  test('lies under the public URL where one is set, also while the charge point is away', async () => {
    const yard = await openYard({}, { publicUrl: 'https://depot.example/kwota/' })
    expect((await ask(yard)).location).toMatch(/^https:\/\/depot\.example\/kwota\/uploads\/[\w-]{22}\/$/)
    const log = await ask(yard, 'GetLog')
    expect(log.location).toMatch(/^https:\/\/depot\.example\/kwota\/uploads\/[\w-]{22}\/$/)
    expect(yard.peer.last().payload).toMatchObject({ logType: 'DiagnosticsLog', requestId: expect.any(Number) })
  })

  test('takes one file, which is listed with its command and its digest', async () => {
    const yard = await openYard()
    const { token, id } = await ask(yard)
    await bring(yard, token, 'what ', 'happened')
    expect(list(yard)).toEqual([{
      id: expect.stringMatching(/^file_/), clientID: 'CP1', fileName: 'diag.zip', bytes: 13, contentType: 'text/plain', kind: 'diagnostics', commandId: id,
      uploadedAt: new Date(yard.stand.clock.wall() - 10).toISOString(), sha256: createHash('sha256').update('what happened').digest('hex'),
    }])
    await expect(bring(yard, token, 'again')).rejects.toMatchObject({ code: 'upload-address-ended' })
    expect(list(yard)).toHaveLength(1)
    expect(await yard.files.list()).toHaveLength(1)
  })

  test.each<[string, readonly (string | Uint8Array | Error)[], string]>([
    ['cut short', ['half', new Error('aborted')], 'upload-cut-short'],
    ['too large', [new Uint8Array(1 << 20), 'x'], 'upload-too-large'],
    ['empty', [], 'upload-empty'],
  ])('is as good as before after an upload that was %s', async (_, parts, code) => {
    const yard = await openYard()
    const { token } = await ask(yard)
    await expect(bring(yard, token, ...parts)).rejects.toMatchObject({ code })
    expect(await yard.files.list()).toEqual([])
    await bring(yard, token, new Uint8Array(1 << 20))
    expect(list(yard)[0]?.bytes).toBe(1 << 20)
  })

  test('is as good as before while nothing can be stored or written', async () => {
    const yard = await openYard()
    const { token } = await ask(yard)
    yard.stand.trouble.store = true
    await expect(bring(yard, token, 'x')).rejects.toMatchObject({ code: 'store-down' })
    yard.stand.trouble.store = false
    yard.files.trouble = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    await expect(bring(yard, token, 'x')).rejects.toMatchObject({ code: 'files-unavailable', kind: 'store-down' })
    yard.files.trouble = null
    expect([list(yard), await yard.files.list()]).toEqual([[], []])
    await yard.stand.clock.advance(5_000)
    await bring(yard, token, 'x')
    expect(list(yard)).toHaveLength(1)
  })

  test('one upload at a time, and what fails leaves the address free', async () => {
    const yard = await openYard()
    const { token } = await ask(yard)
    let fail: (error: Error) => void = () => undefined
    const gate = new Promise<void>((_, reject) => { fail = reject })
    const slow = yard.stand.house.uploads.receive(token, { fileName: 'slow', contentType: '', content: (async function* () { yield Buffer.from('a'); await gate })() })
    slow.catch(() => undefined)
    await expect(bring(yard, token, 'quick')).rejects.toMatchObject({ code: 'upload-under-way' })
    fail(new Error('gone'))
    await expect(slow).rejects.toThrow('gone')
    await bring(yard, token, 'again')
    expect(list(yard).map(({ fileName }) => fileName)).toEqual(['diag.zip'])
    expect(await yard.files.list()).toHaveLength(1)
  })

  test('at most two at once of a charge point, and 16 of all', async () => {
    const ids = Array.from({ length: 9 }, (_, at) => `CP${at + 1}`)
    const yard = await openYard({ chargePoints: ids.map((id) => ({ id })) })
    const never = async function* () { yield Buffer.from('a'); await new Promise(() => undefined) }
    for (const id of ids.slice(0, 8)) {
      const own = id === 'CP1' ? yard : await another(yard, id)
      for (const _ of [1, 2]) void yard.stand.house.uploads.receive((await ask(own, 'GetDiagnostics', {}, id)).token, { fileName: '', contentType: '', content: never() })
      const { token } = await ask(own, 'GetDiagnostics', {}, id)
      await expect(bring(yard, token, 'x')).rejects.toMatchObject({ code: 'too-many-uploads', message: `2 uploads of ${id} are under way already.` })
    }
    const { token } = await ask(await another(yard, 'CP9'), 'GetDiagnostics', {}, 'CP9')
    await expect(bring(yard, token, 'x')).rejects.toMatchObject({ code: 'too-many-uploads', message: '16 uploads are under way already.' })
  })

  test('is over after a day', async () => {
    const yard = await openYard()
    const { token } = await ask(yard)
    yard.stand.clock.jumpWall(86_400_000)
    await expect(bring(yard, token, 'x')).rejects.toMatchObject({ code: 'upload-address-ended' })
  })

  test.each<[string, 'GetDiagnostics' | 'GetLog', Record<string, unknown>]>([
    ['there is nothing to upload', 'GetDiagnostics', {}],
    ['the charge point refuses', 'GetLog', { status: 'Rejected' }],
    ['the charge point answers with an error', 'GetDiagnostics', { error: 'NotSupported' }],
  ])('is withdrawn when %s', async (_, name, answer) => {
    const yard = await openYard()
    yard.peer.script = () => answer
    const { token } = await ask(yard, name)
    await expect(bring(yard, token, 'x')).rejects.toMatchObject({ code: 'upload-address-ended' })
  })

  test.each(['', 'x', 'A'.repeat(22), '../../etc/passwd'])('that was never given opens nothing: %j', async (token) => {
    await expect(bring(await openYard(), token, 'x')).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-upload-address' })
  })

  test('that a person made up opens nothing', async () => {
    const yard = await openYard()
    await ask(yard, 'GetDiagnostics', { location: `http://kwota.example:8080/uploads/${'A'.repeat(22)}/` })
    await expect(bring(yard, 'A'.repeat(22), 'x')).rejects.toMatchObject({ code: 'unknown-upload-address' })
  })
})

describe('no address of our own', () => {
  test('while the charge point is away and no public URL is set', async () => {
    const { stand } = await openYard()
    await expect(stand.house.commands.issue('CP2', 'GetDiagnostics', {}, { expiresAt: new Date(stand.clock.wall() + 60_000).toISOString() }, caller)).rejects.toMatchObject({ code: 'charge-point-offline', hint: expect.stringContaining('publicUrl') })
    expect(stand.house.commands.list()).toEqual([])
  })

  test('where no files are kept', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    await stand.boot('CP1')
    await expect(stand.house.commands.issue('CP1', 'GetDiagnostics', {}, {}, caller)).rejects.toMatchObject({ kind: 'conflict', code: 'no-public-url' })
    expect(stand.house.uploads.list('CP1')).toEqual([])
  })
})

describe('what is kept', () => {
  const several = async (yard: Yard, names: readonly string[]): Promise<void> => {
    for (const name of names) {
      const { token } = await ask(yard)
      const received = yard.stand.house.uploads.receive(token, { fileName: name, contentType: '', content: chunks(name) })
      await yard.stand.clock.advance(10)
      await received
    }
  }

  test('the newest so many of a charge point', async () => {
    const yard = await openYard({}, { keepFilesPerChargePoint: 2 })
    await several(yard, ['a', 'b', 'c'])
    expect(list(yard).map(({ fileName }) => fileName)).toEqual(['c', 'b'])
    expect(await yard.files.list()).toHaveLength(2)
  })

  test('so many days', async () => {
    const yard = await openYard({}, { keepDays: 2 })
    await several(yard, ['a'])
    yard.stand.clock.jumpWall(86_400_000)
    await several(yard, ['b'])
    yard.stand.clock.jumpWall(86_400_000)
    await yard.stand.clock.advance(3_600_000)
    expect(list(yard).map(({ fileName }) => fileName)).toEqual(['b'])
    expect(await yard.files.list()).toHaveLength(1)
  })

  test('until somebody removes it', async () => {
    const yard = await openYard()
    await several(yard, ['a', 'b'])
    const { house } = yard.stand
    const [b, a] = list(yard)
    const opened = await house.uploads.open('cp1', b!.id)
    expect([opened.file.fileName, await textOf(opened.content)]).toEqual(['b', 'b'])
    await house.uploads.remove('CP1', b!.id)
    expect(list(yard)).toEqual([a])
    await expect(house.uploads.open('CP1', b!.id)).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-file' })
    await expect(house.uploads.remove('CP1', b!.id)).rejects.toMatchObject({ code: 'unknown-file' })
    await expect(house.uploads.open('CP2', a!.id)).rejects.toMatchObject({ code: 'unknown-file' })
    expect(() => house.uploads.list('CP9')).toThrow('There is no charge point CP9.')
  })

  test('over a restart, with the addresses that are still open; what is not on both sides goes', async () => {
    const yard = await openYard()
    await several(yard, ['a', 'b'])
    const open = await ask(yard)
    await yard.files.write('file_orphan', chunks('left behind'))
    await yard.files.remove(list(yard)[0]!.id)
    const stand = await yard.stand.restart()
    const again = { ...yard, stand }
    expect(list(again).map(({ fileName }) => fileName)).toEqual(['a'])
    expect(stand.logged).toContain('uploaded files that were listed are not on disk any more')
    expect(await yard.files.list()).toEqual([list(again)[0]!.id])
    await bring(again, open.token, 'late')
    expect(list(again)).toHaveLength(2)
  })

  test('a list that cannot be read is begun anew, not a reason to stop', async () => {
    const yard = await openYard()
    await several(yard, ['a'])
    await yard.stand.clock.advance(10)
    await yard.stand.directory.estate.sites.get('main')!.scope.flush()
    yard.stand.store.damage('main', 'uploads:CP1', '{"v":9}')
    const stand = await yard.stand.restart()
    expect(list({ ...yard, stand })).toEqual([])
    expect(stand.house.alerts()).toContainEqual(expect.objectContaining({ code: 'quarantined', severity: 'critical', message: expect.stringContaining('The record uploads:CP1 could not be read') }))
  })

  test('comes along to another site, and goes with its charge point', async () => {
    const yard = await openYard()
    await several(yard, ['a'])
    const { house } = yard.stand
    const { value: { hasPassword: _, connection: _c, lastSeenAt: _l, boot: _b, quirks: _q, state: _s, ...config } } = house.chargePoint('CP1')
    await house.putChargePoint({ ...config, site: 'annex' }, undefined, caller)
    expect(list(yard).map(({ fileName }) => fileName)).toEqual(['a'])
    expect(await textOf((await house.uploads.open('CP1', list(yard)[0]!.id)).content)).toBe('a')
    await house.deleteChargePoint('CP1', caller)
    await yard.stand.clock.advance(3_600_000)
    expect(await yard.files.list()).toEqual([])
  })
})
