// A file of the pages as they are built, for tests that walk every address.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const [, anyPageFile = ''] = /assets\/([^"]+)/.exec(readFileSync(join(import.meta.dirname, '../../dist/web/index.html'), 'utf8')) ?? []
