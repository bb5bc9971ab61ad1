// A file that the page has made, handed to the browser to be kept.
export function saveFile(pieces: readonly string[], type: string, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([...pieces], { type }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
