// Id tags as a table: what is exported is imported back as it was.
import { z } from 'zod'
import type { StoredTag } from '../actors/id-tags.ts'
import type { Clock } from '../clock.ts'
import { idTagSchema } from '../settings.ts'
import { readCsv, toCsv, type CsvRow } from './csv.ts'
import { Problem, type FieldError } from './problem.ts'
import { fieldErrors } from './validation.ts'

const columns = ['id', 'status', 'expiryDate', 'parentIdTag', 'sites', 'chargePoints', 'concurrent', 'limitEnergyWh', 'limitDurationS', 'limitCostMinor', 'tariffId'] as const
type Column = (typeof columns)[number]
type Cells = Partial<Record<Column, string>>

export const columnHint = `The first row names the columns: id, and any of ${columns.slice(1).join(', ')}; several sites or charge points are separated by ";".`

export function idTagTable(tags: readonly StoredTag[]): string {
  return toCsv(columns, tags.map(({ limits, sites, chargePoints, ...tag }) => ({
    ...tag, expiryDate: tag.expiryDate ?? null, tariffId: tag.tariffId ?? null, parentIdTag: tag.parentIdTag ?? null, sites: writeList(sites), chargePoints: writeList(chargePoints),
    limitEnergyWh: limits?.energyWh ?? null, limitDurationS: limits?.durationS ?? null, limitCostMinor: limits?.costMinor ?? null,
  })))
}

const mostErrors = 50
/** Rows that are read before others get their turn. */
const atOnce = 1_000

/** Rejects with Problem 422 that names the faults, the first 50, as `/rows/3/expiryDate`: rows from 0, the header not counted. */
export async function readIdTagTable(text: string, clock: Clock): Promise<StoredTag[]> {
  const [header, ...rows] = readCsv(text)
  const names = readHeader(header)
  const tags: StoredTag[] = []
  const errors: FieldError[] = []
  const first = new Map<string, number>()
  for (const [index, row] of rows.entries()) {
    if (index > 0 && index % atOnce === 0) await new Promise<void>((resolve) => { clock.after(0, resolve) })
    const fault = (place: string, message: string) => errors.push({ pointer: `/rows/${index}${place}`, message: `${message} (line ${row.line})` })
    const parsed = idTagSchema.safeParse(fieldsOf(names, row, fault), { reportInput: true })
    if (!parsed.success) {
      for (const { pointer, message } of fieldErrors(parsed.error.issues, 'body')) fault(pointer.replace(/^\/limits\/energyWh/, '/limitEnergyWh').replace(/^\/limits\/durationS/, '/limitDurationS').replace(/^\/limits\/costMinor/, '/limitCostMinor'), message)
      continue
    }
    const key = parsed.data.id.toLowerCase()
    const twin = first.get(key)
    if (twin !== undefined) fault('/id', `is the id of row ${twin} already; upper and lower case count as the same`)
    first.set(key, index)
    tags.push(parsed.data)
  }
  if (errors.length > 0) throw new Problem(422, 'invalid', `${errors[0]?.pointer ?? ''}: ${errors[0]?.message ?? ''}. Nothing was changed.`, { errors: errors.slice(0, mostErrors), hint: columnHint })
  return tags
}

function readHeader(header: CsvRow | undefined): Column[] {
  const names = (header?.cells ?? []).map((name) => name.trim())
  const unknown = names.find((name) => !columns.some((column) => column === name))
  const problem = header === undefined || !names.includes('id') ? 'there is no column id'
    : unknown !== undefined ? `there is no column ${JSON.stringify(unknown.slice(0, 40))}`
    : new Set(names).size < names.length ? 'a column is named twice' : null
  if (problem !== null) throw new Problem(422, 'invalid', `The first row: ${problem}.`, { errors: [{ pointer: '/columns', message: problem }], hint: columnHint })
  return names as Column[]
}

/** What a row says as the schema wants it; an empty cell says nothing. */
function fieldsOf(names: readonly Column[], { cells }: CsvRow, fault: (place: string, message: string) => void): unknown {
  if (cells.length > names.length) fault('', `has ${cells.length} cells, the first row has ${names.length}`)
  const given: Cells = {}
  for (const [at, name] of names.entries()) {
    const text = cells[at]?.trim() ?? ''
    if (text !== '') given[name] = text
  }
  const { sites, chargePoints, concurrent, limitEnergyWh, limitDurationS, limitCostMinor, ...rest } = given
  return {
    ...rest,
    ...(sites === undefined ? {} : { sites: readList(sites) }), ...(chargePoints === undefined ? {} : { chargePoints: readList(chargePoints) }),
    ...(concurrent === undefined ? {} : { concurrent: readBoolean(concurrent) }),
    ...(limitEnergyWh === undefined && limitDurationS === undefined && limitCostMinor === undefined ? {} : {
      limits: { ...(limitEnergyWh === undefined ? {} : { energyWh: readNumber(limitEnergyWh) }), ...(limitDurationS === undefined ? {} : { durationS: readNumber(limitDurationS) }), ...(limitCostMinor === undefined ? {} : { costMinor: readNumber(limitCostMinor) }) },
    }),
  }
}

function writeList(list: readonly string[] | undefined): string | null {
  if (list === undefined) return null
  const plain = list.every((one) => !one.includes(';')) && !list[0]?.startsWith('[')
  return plain ? list.join(';') : JSON.stringify(list)
}

const listSchema = z.array(z.string())

/** `a;b`, or a JSON list for names with a semicolon in them. */
function readList(text: string): unknown {
  if (!text.startsWith('[')) return text.split(';').map((one) => one.trim()).filter((one) => one !== '')
  try {
    return listSchema.parse(JSON.parse(text))
  } catch {
    return text
  }
}

/** Spreadsheets write TRUE. */
function readBoolean(text: string): unknown {
  return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : text
}

function readNumber(text: string): unknown {
  return /^\d{1,13}(?:\.\d{1,40})?(?:e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : text
}
