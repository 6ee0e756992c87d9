import { expect, it } from 'vitest';
import { etcd } from '../../source/checks/etcd';
import { FakeHost } from '../support/fake-host';
import { settings as settingsOf } from '../variables/told';

const INIT = '/etc/kubernetes/manifests/etcd-init.yaml';
const told = (image: string) =>
  settingsOf({ text: `DOCKER_REGISTRY=10.0.0.5:5000\nKUBE_VERSION=1.22.17\nETCD_IMAGE=${image}\n` });
const BODY = { status: 200, headers: {}, roundTripMs: 1 };

/** A single master whose etcd runs with an image, and how full it is. */
function running(image: string, { size = 1000, alarms = '' } = {}): FakeHost {
  return new FakeHost({ [INIT]: `kind: Pod\n    image: ${image}\n` })
    .answer('hostname', 'master1\n')
    .answer(/^ip /, '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255\n')
    .answer(/^getent /, { code: 2 })
    .respond(/./, { error: 'connect ECONNREFUSED' })
    .respond(/:2381\/health$/, {
      ...BODY,
      status: alarms === '' ? 200 : 503,
      body: `{"health":"${String(alarms === '')}"}`,
    })
    .respond(/:2381\/metrics$/, {
      ...BODY,
      body: `etcd_mvcc_db_total_size_in_bytes ${size}\netcd_server_has_leader 1\netcd_server_quota_backend_bytes 2000\n`,
    })
    .respond(/\/v3\/maintenance\/alarm$/, { ...BODY, body: `{"header":{},"alarms":[${alarms}]}` })
    .respond(/:2380\/members$/, {
      ...BODY,
      body: '[{"id":161,"peerURLs":["https://10.0.0.1:2380"],"name":"master1"}]',
    });
}

it.each<readonly [string, FakeHost, string, string, RegExp]>([
  [
    'an etcd that is named',
    new FakeHost(),
    'r/etcd:3.5.0-0',
    'warning',
    /etcd:3\.5\.0-0: in etcd 3\.5\.0 to 3\.5\.2 members come to differ/,
  ],
  [
    'an etcd that runs',
    running('r/etcd:3.5.1-0'),
    'r/etcd:3.5.6-0',
    'warning',
    /^etcd runs here with etcd:3\.5\.1-0/,
  ],
  [
    'a quota that is nearly used up',
    running('r/etcd:3.5.6-0', { size: 1600 }),
    'r/etcd:3.5.6-0',
    'warning',
    /^etcd's quota is nearly used up: master1: its database has 1\.6 KiB of a quota of 2\.0 KiB$/,
  ],
  [
    'a quota that is not',
    running('r/etcd:3.5.6-0', { size: 1599 }),
    'r/etcd:3.5.6-0',
    'ok',
    /no fault is known/,
  ],
  [
    'an alarm',
    running('r/etcd:3.5.6-0', { alarms: '{"memberID":"161","alarm":"NOSPACE"}' }),
    'r/etcd:3.5.6-0',
    'fatal',
    /^etcd has an alarm, NOSPACE \(master1\): its database is full, so nothing can be written/,
  ],
  [
    'an alarm that nobody here knows',
    running('r/etcd:3.5.6-0', { alarms: '{"memberID":"0","alarm":9}' }),
    'r/etcd:3.5.6-0',
    'fatal',
    /number 9 \(of no member by name\): number 9 is unknown here/,
  ],
])('tells of %s', async (_, host, image, level, message) => {
  const findings = await etcd(await told(image)).run(host);
  expect(findings).toMatchObject([{ level, message: expect.stringMatching(message) as string }]);
});
