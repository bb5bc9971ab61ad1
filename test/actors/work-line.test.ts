// The line in front of costly work: so many at a time, in order, and only so many waiting.
import { describe, expect, test } from 'vitest'
import { LineFull, WorkLine } from '../../src/actors/work-line.ts'

function stand(atOnce = 2, mostWaiting = 3, mostOwnWaiting = 2) {
  const line = new WorkLine({ atOnce, mostWaiting, mostOwnWaiting })
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const job = (name: string) => () => new Promise<string>((resolve, reject) => {
    begun.push(name)
    ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)))
  })
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)!(error)
    await new Promise(setImmediate)
  }
  return { line, begun, job, end }
}

describe('a line', () => {
  test('two at a time, first come first served', async () => {
    const { line, begun, job, end } = stand()
    const all = ['a', 'b', 'c', 'd'].map((name) => line.run(job(name)))
    expect(begun).toEqual(['a', 'b'])
    await end('b')
    expect(begun).toEqual(['a', 'b', 'c'])
    await end('a')
    await end('c')
    await end('d')
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
    expect(line.begun).toBe(4)
  })

  test('who comes when it is full is told so at once, and does not run', async () => {
    const { line, begun, job, end } = stand()
    const five = ['a', 'b', 'c', 'd', 'e'].map((name) => line.run(job(name)))
    await expect(line.run(job('f'))).rejects.toBeInstanceOf(LineFull)
    for (const name of ['a', 'b', 'c', 'd', 'e']) await end(name)
    await Promise.all(five)
    expect(begun).not.toContain('f')
  })

  test('our own work goes ahead of what waits at the door, and has its own bound', async () => {
    const { line, begun, job, end } = stand(1)
    const door = ['a', 'b', 'c', 'd'].map((name) => line.run(job(name)))
    const own = ['x', 'y'].map((name) => line.runOwn(job(name)))
    await expect(line.runOwn(job('z'))).rejects.toBeInstanceOf(LineFull)
    for (const name of ['a', 'x', 'y', 'b', 'c', 'd']) await end(name)
    await Promise.all([...door, ...own])
    expect(begun).toEqual(['a', 'x', 'y', 'b', 'c', 'd'])
  })

  test('a failed one frees its place', async () => {
    const { line, begun, job, end } = stand(1)
    const first = line.run(job('a'))
    first.catch(() => undefined)
    const second = line.run(job('b'))
    await end('a', new Error('broken'))
    await expect(first).rejects.toThrow('broken')
    await end('b')
    expect(await second).toBe('b')
    expect(begun).toEqual(['a', 'b'])
  })
})
