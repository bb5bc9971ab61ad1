// What one part of the bench hands back: its rows for people, and its figures as data.

export interface Row {
  readonly what: string
  readonly figure: string
  readonly beside: string
  /** What is wanted, in words, and whether it is so. */
  readonly goal?: { readonly words: string; readonly met: boolean }
  /** For the README too. */
  readonly brief?: boolean
}

export interface Part<Data = unknown> { readonly rows: readonly Row[]; readonly data: Data }
