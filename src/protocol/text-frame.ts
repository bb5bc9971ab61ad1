// A WebSocket frame of plain text in one piece: two pieces, header and text, cost half as much again to write.

const longestShort = 125
const longest = 0xffff

/** Of the server's side (RFC 6455, 5.2: unmasked, one frame), a character for each byte; null where the text is not ASCII, or longer than 64 KiB. */
export function textFrame(text: string): string | null {
  const { length } = text
  if (length > longest || Buffer.byteLength(text) !== length) return null
  return length <= longestShort
    ? String.fromCharCode(0x81, length) + text
    : String.fromCharCode(0x81, 126, length >>> 8, length & 0xff) + text
}
