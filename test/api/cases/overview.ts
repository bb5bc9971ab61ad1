// What is asked of the composed reads in the walk.
import type { Cases } from './case.ts'

const unknownSite = { status: 404, code: 'unknown-site' }

export const overviewCases: Cases = {
  getOverview: [{ path: '/sites/main/overview', status: 200, says: '"sentence":"' }, { path: '/sites/main/overview?colour=red', status: 422, says: '/colour' }, { path: '/sites/nowhere/overview', ...unknownSite }],
}
