import { expect, test } from 'vitest';
import { numbersIn } from './numbers.ts';

test('[RTE-05] numbers are read from the first column of a file, each once and without its titles', () => {
  const file =
    '\uFEFF"Phone";"Name"\r\n"+420 777 000 111";"Novák, Jan"\r\n+4207770002*\tall\r\n\r\n+4207770002*;again';
  expect(numbersIn(file)).toEqual(['+420 777 000 111', '+4207770002*']);
});
