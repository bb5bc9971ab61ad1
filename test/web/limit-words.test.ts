// What binds and how sessions end, in words.
import { describe, expect, it } from 'vitest'
import { limitedList, limitWords, stateOf, stopWords } from '../../web/src/data/limit-words.ts'

describe('the words of limits and sessions', () => {
  it('name what binds, and leave what nobody knows as it is', () => {
    expect(['fuse', 'circuit:row-a', 'curtailment:cur_9', 'queue', 'news'].map(limitWords)).toEqual(['the fuse', 'circuit row-a', 'the curtailment', 'waiting its turn', 'news'])
  })

  it('say what a car does, not what its charge point said last', () => {
    expect([stateOf({ status: 'charging', doing: 'offline' }), stateOf({ status: 'charging', doing: 'waiting' }), stateOf({ status: 'idle', doing: 'paused' }), stateOf({ status: 'charging', doing: 'charging' })]).toEqual(['charge point offline', 'waiting for kwota', 'paused or full', 'charging'])
    expect([stateOf({ status: 'idle' }), stateOf({ status: 'stopping', doing: 'charging' }), stateOf({ status: 'stopped' })]).toEqual(['connected, not charging', 'stopping', 'ended'])
  })

  it('list what limited a session, longest first, without what was shorter than a second', () => {
    expect(limitedList({ fuse: 3, 'grid-limit': 40, vehicle: 0 })).toEqual([{ reasons: ['grid-limit'], words: 'the grid limit', seconds: 40 }, { reasons: ['fuse'], words: 'the fuse', seconds: 3 }])
    expect(limitedList({ 'fuse': 3, 'curtailment:cur_1': 2, 'curtailment:cur_2': 2 })[0]).toEqual({ reasons: ['curtailment:cur_1', 'curtailment:cur_2'], words: 'the curtailment', seconds: 4 })
  })

  it('say why a session ended: by whom kwota stopped it, else by the charge point’s own reason, which is Local where it names none', () => {
    expect(stopWords({ status: 'charging', stopReason: null, stoppedBy: null })).toBeNull()
    expect(stopWords({ status: 'stopped', stopReason: 'Remote', stoppedBy: { cause: 'remote-stop', by: 'ops', at: '2026-11-24T10:00:00Z' } })).toBe('somebody stopped it (ops)')
    expect(stopWords({ status: 'stopped', stopReason: 'EVDisconnected', stoppedBy: null })).toBe('the cable was unplugged at the car')
    expect(stopWords({ status: 'stopped', stopReason: null, stoppedBy: null })).toBe('stopped at the charge point')
    expect(stopWords({ status: 'unconfirmed', stopReason: null, stoppedBy: null })).toBe('the charge point never said that it ended')
  })
})
