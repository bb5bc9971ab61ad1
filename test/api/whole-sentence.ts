// What a hint looks like: it begins with a capital letter, has three words at least, and ends as sentences do.

export const wholeSentence = /^[A-Z]\S*(?: \S+){2,}[.?!]$/
