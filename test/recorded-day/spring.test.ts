// The night in spring on which an hour is left out, recorded and recomputed.
import { judgeDay } from './judge.ts'
import { allFaults } from './planted.ts'

judgeDay('200 charge points in the night of 29 March 2026', { seed: 29, startWallMs: Date.UTC(2026, 2, 28, 23), plants: allFaults })
