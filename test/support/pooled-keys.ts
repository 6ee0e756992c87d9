import type * as crypto from 'node:crypto';
import { promisify } from 'node:util';

/** How many different keys a test gets before they come again. */
const KEYS = 16;

/** node:crypto with a generateKeyPair that deals out the same few keys again and again: making an RSA key takes long, and tests that make hundreds look at other things. */
export function withPooledKeys(real: typeof crypto): typeof crypto {
  const pool: { publicKey: string; privateKey: string }[] = [];
  let dealt = 0;
  const options = {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  } as const;
  const deal = () => {
    const key = pool[dealt % KEYS] ?? real.generateKeyPairSync('rsa', options);
    pool[dealt % KEYS] = key;
    dealt += 1;
    return Promise.resolve(key);
  };
  const generateKeyPair = Object.assign(() => undefined, { [promisify.custom]: deal });
  return { ...real, generateKeyPair: generateKeyPair as unknown as typeof crypto.generateKeyPair };
}
