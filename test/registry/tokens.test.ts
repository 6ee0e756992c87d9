import { describe, expect, it } from 'vitest';
import type { HttpOutcome } from '../../source/engine/host';
import { imagesMissing } from '../../source/registry/presence';
import {
  ADDRESS,
  MANIFEST,
  SITE,
  LOGIN,
  BASIC,
  DOCKER,
  answer,
  there,
  authorization,
  reason,
  registry,
} from './asking';

describe('tokens', () => {
  const challenge = (realm: string) => ({
    'www-authenticate': `Bearer realm="${realm}",service="reg,1",scope="a:b:c"`,
  });

  function withTokens(
    realm = 'https://auth.example/token?kept=1',
    token: HttpOutcome = answer(200, {}, '{"token":"t"}'),
  ) {
    return registry({
      [`https://${ADDRESS}/v2/`]: answer(401, challenge(realm)),
      [MANIFEST]: request => (authorization(request) === 'Bearer t' ? there : answer(401, challenge(realm))),
      'https://auth.example/token': token,
      'http://auth.example/token': token,
    });
  }

  it('are asked for with the scope that docker wants, at the address as it is given', async () => {
    const host = withTokens();
    expect(await reason(host, { ...SITE, login: LOGIN })).toBeUndefined();
    const asked = host.requests.find(({ url }) => url.includes('auth.example'));
    expect(Object.fromEntries(new URL(asked?.url ?? '').searchParams)).toEqual({
      kept: '1',
      service: 'reg,1',
      scope: 'repository:k8s/etcd:pull',
      account: 'puller',
    });
    expect(asked && authorization(asked)).toBe(BASIC);
  });

  it('are asked for once for each repository', async () => {
    const host = withTokens();
    const names = [`${ADDRESS}/k8s/etcd:3.4.13-0`, `${ADDRESS}/k8s/etcd:3.5`, `${ADDRESS}/k8s/pause:3.2`];
    await imagesMissing(host, SITE, names, DOCKER);
    expect(host.requests.filter(({ url }) => url.includes('auth.example'))).toHaveLength(2);
  });

  it('need no service', async () => {
    const host = withTokens();
    host.respond(
      `https://${ADDRESS}/v2/`,
      answer(401, { 'www-authenticate': 'Bearer realm="https://auth.example/token"' }),
    );
    expect(await reason(host)).toBeUndefined();
  });

  it('are not fetched with the login over plain HTTP, and may be without one', async () => {
    const host = withTokens('http://auth.example/token');
    expect(await reason(host, { ...SITE, login: LOGIN })).toMatch(/unencrypted to auth\.example/);
    expect(host.calls.some(call => call.what.includes('auth.example'))).toBe(false);
    expect(await reason(host)).toBeUndefined();
  });

  it.each([
    ...['', '{', '[]', '{}', '{"token":1}', '{"token":"a\\nb"}', 'null'],
    ...['{"token":"t","expires_in":"60"}', '{"token":"t","issued_at":1}'],
  ])('that are no token are refused: %j', async body => {
    expect(await reason(withTokens(undefined, answer(200, {}, body)))).toMatch(/gives no token/);
  });

  it.each(['{"access_token":"t","token":"old"}', '{"token":"t","access_token":null,"expires_in":300}'])(
    'are taken from %s',
    async body => {
      expect(await reason(withTokens(undefined, answer(200, {}, body)))).toBeUndefined();
    },
  );

  it.each([
    [answer(401), /answers 401: there is no such image, or it wants a login/],
    [answer(403), /answers 403: there is no such image, or it wants a login/],
    [answer(503), /token service auth\.example answers 503/],
    [{ error: 'connect ECONNREFUSED 1.2.3.4:443' }, /token service auth\.example: nothing listens there/],
  ])('that are refused are told of: %j', async (outcome, wrong) => {
    expect(await reason(withTokens(undefined, outcome))).toMatch(wrong);
  });
});
