/** Letters and digits that are not mistaken for one another when they are read out. */
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const length = 16;

/**
 * A password of 16 characters, about 93 bits. A draw that would favour the front of the alphabet is thrown away.
 *
 * @param draw returns that many random 32-bit numbers
 */
export function generatePassword(draw: (count: number) => Uint32Array): string {
  const limit = Math.floor(2 ** 32 / alphabet.length) * alphabet.length;
  let password = '';
  while (password.length < length) {
    for (const number of draw(length - password.length)) {
      if (number < limit) password += alphabet[number % alphabet.length];
    }
  }
  return password;
}
