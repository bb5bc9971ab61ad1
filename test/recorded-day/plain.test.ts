// The evening of a plain weekday, recorded and recomputed.
import { judgeDay } from './judge.ts'

judgeDay('200 charge points in the evening of 17 June 2026', { seed: 17, startWallMs: Date.UTC(2026, 5, 17, 15, 15), plants: ['jumps of the register are billed', 'grace is given once', 'every line is rounded'] })
