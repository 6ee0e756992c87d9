import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Redactor } from '../../source/engine/redact';
import { MASK, Secret } from '../../source/engine/secret';

const keys = [
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'sec1', format: 'pem' }),
].map(String);
const tokens = [randomBytes(32).toString('hex'), randomBytes(60).toString('base64url')];

/** Broken into lines of so many characters, indented. */
function folded(text: string, width: number): string {
  return (text.replace(/\n/g, '').match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n    ');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const SPELLINGS: readonly (readonly [string, (secret: string) => string])[] = [
  ['as it is', secret => secret],
  ['in a JSON string', secret => JSON.stringify(JSON.stringify(secret))],
  ['in a URL', secret => encodeURIComponent(secret)],
  ['in base64', base64],
  ['in base64 within something', secret => base64(`data: ${secret}\nmore: 1\n`)],
  ['in base64 within something, of another length', secret => base64(`some: ${secret}\nmore: 1\n`)],
  ['in base64 over lines', secret => folded(base64(secret), 76)],
  ['in base64 over short lines', secret => folded(base64(secret), 20)],
  ['in base64 in a URL', secret => encodeURIComponent(base64(secret))],
  ['folded anew', secret => folded(secret.replace(/-----[^-]+-----/g, ''), 33)],
];

/** Whether a run of so many letters and digits of the secret stands in a text, whatever lies between them. */
function shows(text: string, secret: string, length: number): boolean {
  const bare = text.replaceAll(MASK, '|').replace(/[^A-Za-z0-9|]/g, '');
  const body = secret.replace(/-----[^-]+-----/g, '').replace(/[^A-Za-z0-9]/g, '');
  for (let at = 0; at + length <= body.length; at += 1) {
    if (bare.includes(body.slice(at, at + length))) return true;
  }
  return false;
}

describe('a long secret', () => {
  const redactor = new Redactor();
  for (const secret of [...keys, ...tokens]) redactor.add(new Secret(secret));

  it.each(SPELLINGS)('is masked %s', (_, spelt) => {
    for (const secret of [...keys, ...tokens]) {
      const spelling = spelt(secret);
      const text = redactor.text(`before\n${spelling}\nafter, and what is no secret`);
      expect(text.startsWith('before\n')).toBe(true);
      expect(text.endsWith('after, and what is no secret')).toBe(true);
      expect(text).toContain(MASK);
      expect(shows(text, secret, 12)).toBe(false);
      // What was left of it, in base64 too, is only its frame: the lines that every key begins and ends with.
      const left = text.replaceAll(MASK, '').length - 'before\n\nafter, and what is no secret'.length;
      expect(left, text).toBeLessThan(150);
    }
  });

  it('is masked where only a piece of it is there', () => {
    for (const key of keys) {
      const lines = key.trim().split('\n').slice(1, -1);
      for (const line of lines) {
        if (line.length < 30) continue;
        const piece = line.slice(4, -3);
        for (const masked of [redactor.text(`cut: ${piece}`), redactor.lines()(`cut: ${line}`)]) {
          // The letter before it may happen to be the one before it in the key.
          expect(masked).toMatch(/^cu?t?:? ?[+/]*\[secret\]$/);
        }
      }
    }
  });

  it('leaves everything else, certificates of other keys too', () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const text = [
      String(other.publicKey.export({ type: 'spki', format: 'pem' })),
      base64('-----BEGIN CERTIFICATE-----\nMIIC'),
      'BEGIN RSA PRIVATE KEY, said the manual',
      `sha256:${randomBytes(32).toString('hex')}`,
    ].join('\n');
    expect(redactor.text(text)).toBe(text);
  });
});
