// The night in autumn on which an hour comes twice, recorded and recomputed.
import { judgeDay } from './judge.ts'
import { faultsOfTime } from './planted.ts'

judgeDay('200 charge points in the night of 25 October 2026', { seed: 25, startWallMs: Date.UTC(2026, 9, 24, 23), plants: faultsOfTime })
