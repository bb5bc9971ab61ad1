// A key as nobody guesses one: 24 random bytes in hex, which every shell takes as they are.
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
