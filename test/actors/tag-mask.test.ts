// Masks of id tags: the same for the same tag, another for another, and found in whatever text they stand in.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isIdTagName, maskTags, maskTagText, TagMask, tagNameOf } from '../../src/actors/tag-mask.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'

it('stays the same over a restart and in any case, and is another elsewhere', async () => {
  const clock = new VirtualClock()
  const store = createMemoryStore()
  const scope = await openScope({ store, name: 'kwota', clock })
  const first = new TagMask(scope)
  const mask = first.of('TEST-001')
  await scope.flush()
  const again = new TagMask(await openScope({ store, name: 'kwota', clock }))
  const elsewhere = new TagMask(await openScope({ store: createMemoryStore(), name: 'kwota', clock }))
  expect(mask).toMatch(/^TE…[\w-]{6}$/)
  expect([again.of('test-001'), first.of('TEST-002') === mask, elsewhere.of('TEST-001') === mask]).toEqual([mask, false, false])
  expect(first.of('AB12')).toMatch(/^…[\w-]{6}$/)
  expect(first.of('')).toBe('')
})

it('goes by the name of the field', () => {
  expect(['idTag', 'parentIdTag', 'stopIdTag', 'IDTAG', 'idToken', 'groupIdToken', 'tagId', 'rfid'].every(isIdTagName)).toBe(true)
  expect(['idTagInfo', 'idTags', 'tag', 'id'].some(isIdTagName)).toBe(false)
})

it.each([
  ['[2,"1","Authorize",{"idTag":"ABC"}]', '[2,"1","Authorize",{"idTag":"*"}]'],
  ['{"idTag" : "A\\"BC","x":1}', '{"idTag":"*","x":1}'],
  ['{"idTagInfo":{"parentIdTag":"ABC"},"IdTag":"ABC"}', '{"idTagInfo":{"parentIdTag":"*"},"IdTag":"*"}'],
  ['{"idTag":"AB', '{"idTag":"*'],
  ['{"data":"{\\"idTag\\":\\"ABC\\",\\"n\\":1}"}', '{"data":"{\\"idTag\\":\\"*\\",\\"n\\":1}"}'],
  ['[2,"1","Weird",{"idTag":["ABC"],"idTags":["DEF",{"idTag":"GHI","status":"Accepted"}]}]', '[2,"1","Weird",{"idTag":["*"],"idTags":["*",{"idTag":"*","status":"Accepted"}]}]'],
  ['{"x":{"idTag":{"value":"ABC"},"status":"Accepted"}}', '{"x":{"idTag":{"value":"*"},"status":"Accepted"}}'],
  ['[2,"1","DataTransfer",{"vendorId":"v","data":"{\\"idToken\\":\\"ABC\\"}"}]', '[2,"1","DataTransfer",{"vendorId":"v","data":"{\\"idToken\\":\\"*\\"}"}]'],
  ['{"\\u0069dTag":"ABC"}', '{"idTag":"*"}'],
  ['{"status" : "Accepted", "idTagInfo":{}}', '{"status" : "Accepted", "idTagInfo":{}}'],
  ['{"idTag":12345,"n":1}', '{"idTag":"*","n":1}'], ['{"rfid":{"value":12345}}', '{"rfid":{"value":"*"}}'],
  ['{"idTag":"ABC","idTag":null}', '{"idTag":"*","idTag":null}'], ['{"status":"\\u0041","idTagInfo":{}}', '{"status":"\\u0041","idTagInfo":{}}'],
  ['{"idTag":""}', '{"idTag":""}'], ['idTag: ABC', 'idTag: ABC'],
])('%s becomes %s', (text, masked) => {
  expect(maskTagText(text, () => '*')).toBe(masked)
})

it('goes as deep as anybody honest does, and not to the end of the stack', () => {
  const nested = (inner: string, levels: number): string => `${'['.repeat(levels)}"${inner}"${']'.repeat(levels)}`
  expect(maskTagText(`{"idTag":${nested('ABC', 40)}}`, () => '*')).toBe(`{"idTag":${nested('*', 40)}}`)
  expect(maskTagText(`{"idTag":"ABC","x":${nested('ABC', 60_000)}}`, () => '*') === `{"idTag":"*","x":${nested('…', 64)}}`).toBe(true)
  expect(maskTagText(nested('ABC', 65).replace('"ABC"', '{"idTag":"ABC"}'), () => '*'), 'what is too deep to be looked at').toBe(`${'['.repeat(65)}"…"${']'.repeat(65)}`)
})

it('is what a whole copy would be, nothing of what was given is changed, and what holds nothing to mask is not copied', () => {
  const mask = (idTag: string): string => `<${idTag}>`
  const copied = (part: unknown, name: string | null): unknown => {
    if (typeof part === 'string') return name === null ? maskTagText(part, mask) : part === '' ? '' : mask(part)
    if (typeof part === 'number') return name === null ? part : mask(String(part))
    if (typeof part !== 'object' || part === null) return part
    if (Array.isArray(part)) return part.map((item) => copied(item, name))
    return Object.fromEntries(Object.entries(part).map(([field, item]) => [field, copied(item, tagNameOf(field, name))]))
  }
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 5 }, fc.constantFrom('TAG1', '', 'plain', '{"idTag":"TAG1"}', null, true), fc.integer(), fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(fc.constantFrom('idTag', 'idTags', 'IDTOKEN', 'id', 'status', 'value', '__proto__'), tie('tree'), { maxKeys: 4 })),
  }))
  fc.assert(fc.property(tree, (value) => {
    const before = JSON.stringify(value)
    const shown = maskTags(value, mask)
    expect(JSON.stringify(shown)).toBe(JSON.stringify(copied(value, null)))
    expect(JSON.stringify(value)).toBe(before)
    if (JSON.stringify(shown) === before) expect(shown).toBe(value)
  }), { numRuns: 500 })
})
