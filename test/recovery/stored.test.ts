import { describe, expect, it } from 'vitest';
import { storedFor } from '../../source/recovery/stored';
import { FakeHost } from '../support/fake-host';

const ACCESS = { address: '10.0.0.1', caFile: '/ca', certFile: '/cert', keyFile: '/key' };
const encoded = (text: string): string => Buffer.from(text).toString('base64');
const secret = JSON.stringify({ data: { address: encoded('10.0.0.2') } });

/** An API that does not answer the first questions. */
function silentFor(times: number, status = 200): { readonly host: FakeHost; readonly asked: () => number } {
  let asked = 0;
  const host = new FakeHost().respond(/secrets\/kube-el7-install-master-master2$/, () => {
    asked += 1;
    if (asked <= times) return { error: 'connect ECONNREFUSED' };
    return { status, headers: {}, body: secret, roundTripMs: 1 };
  });
  return { host, asked: () => asked };
}

describe('what the cluster keeps for a master, for a step', () => {
  it('is asked for again while nobody answers', async () => {
    const { host, asked } = silentFor(9);
    expect((await storedFor(host, ACCESS, 'master2', 0))?.address).toBe('10.0.0.2');
    expect(asked()).toBe(10);
  });

  it('is not taken for nothing where nobody answers in time', async () => {
    const { host } = silentFor(10);
    await expect(storedFor(host, ACCESS, 'master2', 0)).rejects.toMatchObject({
      report: { code: 'cluster-silent', seen: ['connect ECONNREFUSED'] },
    });
  });

  it('is nothing where the cluster says so', async () => {
    const { host, asked } = silentFor(0, 404);
    expect(await storedFor(host, ACCESS, 'master2', 0)).toBeUndefined();
    expect(asked()).toBe(1);
  });
});
