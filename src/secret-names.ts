// Which names mean that a value is a secret: one list for configuration keys, commands, messages and settings.

/** In a name without its separators, in lower case. */
const anywhere = /(?<!by|com)passw|passphrase|passcode|pwd|secret|token|credential|apikey|auth[a-z]{0,16}key|pincode/
/** In lower case, the end of a word. */
const endings = /(?<!by|com)pass$|pin$/
/** Of `AdminPin2_x`: Admin, Pin, x; of `PINCode`: PIN, Code. */
const words = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g

/** A value of this name is neither shown nor logged, however the name is spelt. */
export function isSecretName(name: string): boolean {
  return anywhere.test(name.toLowerCase().replace(/[^a-z]/g, '')) || (name.match(words) ?? []).some((word) => endings.test(word.toLowerCase()))
}

/** Where the first such name begins in a text that cannot be parsed; -1 when there is none. */
export function findSecretName(text: string): number {
  for (const { 0: name, index } of text.matchAll(/[A-Za-z][\w.-]{0,127}/g)) if (isSecretName(name)) return index
  return -1
}
