// What is asked of curtailments, limit schedules and the stack of limits in the walk; the site main has a fuse of 63 A and two charge points.
import type { Cases } from './case.ts'

const in_ = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
const good = { currentA: 20, expiresAt: in_(3600), reason: 'transformer', source: 'grid operator' }
const at = '/sites/main/curtailments'
const unknownSite = { status: 404, code: 'unknown-site' }
const unknown = { status: 404, code: 'unknown-curtailment' }
const schedules = '/sites/main/limit-schedules'
const block = { days: ['mon', 'tue'], from: '17:00', to: '21:00', limitW: 11_000 }
const interval = { startsAt: in_(7200), durationS: 900, limitW: 9000 }
const unknownSchedule = { status: 404, code: 'unknown-limit-schedule' }

export const limitCases: Cases = {
  createCurtailment: [
    { path: at, json: good, status: 201, says: '"state":"active"' }, { path: at, json: { powerW: 20_000, startsAt: in_(600), expiresAt: in_(1200) }, status: 201, says: '"state":"scheduled"' },
    { path: at, json: { percent: 50, expiresAt: in_(60) }, status: 201, says: '"currentA":31.5' }, { path: at, json: { kind: 'dimming', powerW: 7560, expiresAt: in_(60) }, status: 201, says: '"kind":"dimming"' },
    { path: `${at}?dryRun=true`, json: good, status: 200, says: '"dryRun":true' },
    { path: at, json: { ...good, currentA: 64 }, status: 422, code: 'above-fuse', says: 'at most 63 A' }, { path: at, json: { kind: 'dimming', powerW: 7559, expiresAt: in_(60) }, status: 422, code: 'below-dimming-minimum', says: '7560' },
    { path: `${at}?dryRun=true`, json: { kind: 'dimming', currentA: 0, expiresAt: in_(60) }, status: 422, code: 'below-dimming-minimum' },
    { path: at, json: { ...good, expiresAt: '2020-01-01T00:00:00Z' }, status: 422, code: 'expiry-in-the-past', says: '/expiresAt' }, { path: at, json: { ...good, startsAt: in_(7200) }, status: 422, code: 'expiry-before-start' }, { path: at, json: { ...good, expiresAt: in_(8 * 86_400) }, status: 422, code: 'expiry-too-far' },
    ...[{ expiresAt: good.expiresAt }, { ...good, powerW: 1 }, { currentA: 20 }, { ...good, currentA: -1 }, { ...good, currentA: '20' }, { percent: 101, expiresAt: good.expiresAt }, { ...good, kind: 'blackout' }, { ...good, expiresAt: '2026-11-22' }, { ...good, colour: 'red' }, { ...good, reason: 'x'.repeat(201) }, [], null].map((json) => ({ path: at, json, status: 422, code: 'invalid' })),
    { path: `${at}?dryRun=maybe`, json: good, status: 422, says: '/dryRun' }, { path: '/sites/nowhere/curtailments', json: good, ...unknownSite },
  ],
  listCurtailments: [
    { path: at, status: 200, says: '"nextCursor":null' }, { path: `${at}?state=scheduled&limit=1`, status: 200, says: '"data":[' }, { path: `${at}?state=cancelled`, status: 200, says: '"data":[]' },
    { path: `${at}?state=gone`, status: 422, says: '/state' }, { path: `${at}?limit=501`, status: 422, says: '/limit' }, { path: `${at}?colour=red`, status: 422, says: '/colour' }, { path: '/sites/nowhere/curtailments', ...unknownSite },
  ],
  getCurtailment: [{ path: `${at}/cur_9`, ...unknown }, { path: `${at}/%20`, status: 422, says: '/id' }, { path: '/sites/nowhere/curtailments/cur_9', ...unknownSite }],
  changeCurtailment: [
    { path: `${at}/cur_9`, json: { currentA: 10 }, ...unknown }, { path: `${at}/cur_9?dryRun=true`, json: { currentA: 10 }, ...unknown }, { path: `${at}/cur_9`, json: {}, status: 422, says: 'nothing to change' },
    { path: `${at}/cur_9`, json: { currentA: 1, percent: 1 }, status: 422, code: 'invalid' }, { path: `${at}/cur_9`, json: { kind: 'dimming' }, status: 422, says: '/kind' }, { path: `${at}/%20`, json: { currentA: 1 }, status: 422, says: '/id' },
  ],
  cancelCurtailment: [{ path: `${at}/cur_9`, ...unknown }, { path: `${at}/cur_9?dryRun=true`, ...unknown }, { path: `${at}/%20`, status: 422, says: '/id' }],
  createLimitSchedule: [
    { path: schedules, json: { id: 'peak', name: 'evening', weekly: [block] }, status: 201, says: '"id":"peak"' }, { path: schedules, json: { id: 'peak', weekly: [block] }, status: 409, code: 'already-exists' },
    { path: schedules, json: interval, status: 201, says: '"id":"sch_' }, { path: `${schedules}?dryRun=true`, json: { intervals: [interval] }, status: 200, says: '"dryRun":true' },
    { path: schedules, json: { weekly: [{ ...block, limitW: 50_000 }] }, status: 422, code: 'above-fuse', says: '/weekly/0/limitW' }, { path: schedules, json: { weekly: [{ ...block, currentA: 5 }] }, status: 422, says: '/weekly/0' },
    ...[{}, { weekly: [] }, { weekly: [{ ...block, from: '17:00', to: '17:00' }] }, { weekly: [{ ...block, days: ['Monday'] }] }, { weekly: [{ ...block, to: '25:00' }] }, { intervals: [{ ...interval, durationS: 0 }] }, { ...interval, weekly: [block] }, { id: 'a b', weekly: [block] }, { startsAt: interval.startsAt, limitW: 1 }, 7]
      .map((json) => ({ path: schedules, json, status: 422, code: 'invalid' })),
    { path: '/sites/nowhere/limit-schedules', json: interval, ...unknownSite },
  ],
  listLimitSchedules: [{ path: schedules, status: 200, says: '"data":[' }, { path: `${schedules}?limit=0`, status: 422, says: '/limit' }, { path: '/sites/nowhere/limit-schedules', ...unknownSite }],
  getLimitSchedule: [{ path: `${schedules}/peak`, status: 200, says: '"from":"17:00"' }, { path: `${schedules}/night`, ...unknownSchedule }, { path: `${schedules}/%20`, status: 422, says: '/scheduleID' }],
  putLimitSchedule: [
    { path: `${schedules}/night`, json: { weekly: [{ ...block, from: '22:00', to: '06:00', limitW: 40_000 }] }, status: 201, says: '"id":"night"' }, { path: `${schedules}/peak`, json: { weekly: [{ ...block, limitW: 9000 }] }, status: 200, says: '9000' },
    { path: `${schedules}/peak?dryRun=true`, json: { weekly: [block] }, status: 200, says: '"dryRun":true' }, { path: `${schedules}/peak`, json: { id: 'other', weekly: [block] }, status: 422, says: '/id' }, { path: `${schedules}/peak`, json: { weekly: [block] }, headers: { 'If-Match': '"99"' }, status: 412, code: 'stale' },
    { path: `${schedules}/peak`, json: { weekly: [{ ...block, currentA: 64, limitW: undefined }] }, status: 422, code: 'above-fuse' }, { path: '/sites/nowhere/limit-schedules/a', json: { weekly: [block] }, ...unknownSite },
  ],
  deleteLimitSchedule: [
    { path: `${schedules}/peak?dryRun=true`, status: 200, says: '"dryRun":true' }, { path: `${schedules}/peak`, headers: { 'If-Match': '"99"' }, status: 412, code: 'stale' }, { path: `${schedules}/peak`, status: 204 }, { path: `${schedules}/peak`, ...unknownSchedule }, { path: '/sites/nowhere/limit-schedules/a', ...unknownSite },
  ],
  getLimits: [
    { path: '/sites/main/limits', status: 200, says: '"state":"binding"' }, { path: `/sites/main/limits?at=${in_(900)}`, status: 200, says: '"outlook":[' }, { path: '/sites/main/limits?at=2020-01-01T00:00:00Z', status: 422, code: 'before-known', says: '/at' },
    { path: '/sites/main/limits?at=2100-01-01T00:00:00Z', status: 422, code: 'at-too-far' }, { path: '/sites/main/limits?at=now', status: 422, says: '/at' }, { path: '/sites/nowhere/limits', ...unknownSite },
  ],
}
