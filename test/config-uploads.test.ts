// What kwota.yaml may say about uploaded files.
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'

const load = (text: string) => loadConfig({ env: {}, cwd: '/x', readFile: () => text }).uploads

test('what holds when nothing is said', () => expect(load('port: 0')).toEqual({ maxMiB: 64, keepDays: 30, keepFilesPerChargePoint: 20 }))
test('everything said', () => expect(load('uploads: { maxMiB: 1, keepDays: 2, keepFilesPerChargePoint: 3, publicUrl: https://depot.example/kwota }')).toEqual({ maxMiB: 1, keepDays: 2, keepFilesPerChargePoint: 3, publicUrl: 'https://depot.example/kwota' }))

describe('refused with the place', () => {
  test.each(['maxMiB: 0', 'maxMiB: 4097', 'keepDays: 0', 'keepFilesPerChargePoint: 1.5', 'publicUrl: ftp://x', 'publicUrl: depot.example', 'colour: red'])('uploads: { %s }', (said) => {
    expect(() => load(`uploads: { ${said} }`)).toThrow(/^kwota\.yaml:1 \/uploads/)
  })
})
