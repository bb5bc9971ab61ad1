// Certification cases of the local authorisation list.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { RequestOf } from '../../src/protocol/messages/index.ts'
import { startCentral, stopCentral, tags, type Central } from './central.ts'
import { CallError } from './station.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

type List = RequestOf<'SendLocalList'>
const entry = (idTag: string) => ({ idTag, idTagInfo: { status: 'Accepted' as const, parentIdTag: tags.parent } })
const full: List = { listVersion: 1, updateType: 'Full', localAuthorizationList: [entry(tags.valid), entry(tags.sibling)] }

async function expectVersion(clientID: string, listVersion: number): Promise<void> {
  const station = await central.booted(clientID)
  const { request, command } = await central.operate(station, 'get-local-list-version', {}, { action: 'GetLocalListVersion', answer: { listVersion } })
  expect(request).toEqual({})
  expect(command).toMatchObject({ status: 'accepted', response: { listVersion } })
}

test('TC_042_1_CSMS the version of a local list that is not supported: -1 is shown, and so is a CALLERROR NotSupported', async () => {
  await expectVersion('TC-042-1', -1)
  const [station] = central.stations
  if (station === undefined) throw new Error('nobody connected')
  const { command } = await central.operate(station, 'get-local-list-version', {}, { action: 'GetLocalListVersion', answer: new CallError('NotSupported', 'no lists here') })
  expect(command).toMatchObject({ status: 'failed', response: null, error: { code: 'NotSupported', description: 'no lists here' } })
})

test('TC_042_2_CSMS the version of an empty local list: 0 is shown', () => expectVersion('TC-042-2', 0))

async function expectUnwanted(clientID: string, status: 'NotSupported' | 'Failed'): Promise<void> {
  const station = await central.booted(clientID)
  const { request, command } = await central.operate(station, 'send-local-list', full, { action: 'SendLocalList', answer: { status } })
  expect(request).toEqual(full)
  expect(command).toMatchObject({ status: 'rejected', response: { status } })
}

test('TC_043_1_CSMS a full local list for a charge point without lists: shown as not supported', () => expectUnwanted('TC-043-1', 'NotSupported'))

test('TC_043_3_CSMS a full local list that fails: shown as failed', () => expectUnwanted('TC-043-3', 'Failed'))

test('TC_043_4_CSMS a full local list: every entry says what holds for its tag, and it is accepted', async () => {
  const station = await central.booted('TC-043-4')
  const { request, command } = await central.operate(station, 'send-local-list', full, { action: 'SendLocalList', answer: { status: 'Accepted' } })
  expect(request.updateType).toBe('Full')
  expect(request.listVersion).toBeGreaterThan(0)
  for (const { idTagInfo } of request.localAuthorizationList ?? []) expect(idTagInfo?.status).toBe('Accepted')
  expect(request.localAuthorizationList?.map(({ idTag }) => idTag)).toEqual([tags.valid, tags.sibling])
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
})

test('TC_043_5_CSMS a differential local list: only the new tag, under a greater version', async () => {
  const station = await central.booted('TC-043-5')
  await central.operate(station, 'send-local-list', full, { action: 'SendLocalList', answer: { status: 'Accepted' } })
  const version = await central.operate(station, 'get-local-list-version', {}, { action: 'GetLocalListVersion', answer: { listVersion: full.listVersion } })
  expect(version.command.response).toEqual({ listVersion: full.listVersion })
  const more: List = { listVersion: full.listVersion + 1, updateType: 'Differential', localAuthorizationList: [entry(tags.other)] }
  const { request, command } = await central.operate(station, 'send-local-list', more, { action: 'SendLocalList', answer: { status: 'Accepted' } })
  expect(request).toEqual(more)
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
})
