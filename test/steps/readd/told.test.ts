import type * as crypto from 'node:crypto';
import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Step } from '../../../source/engine/step';
import { examine } from '../../../source/recovery/examine';
import { movedText } from '../../../source/recovery/moved';
import { readdOf } from '../../../source/recovery/plan';
import { readRecord } from '../../../source/recovery/record';
import { sha256 } from '../../../source/recovery/stored';
import { readdStages } from '../../../source/steps/readd';
import type { Readd } from '../../../source/steps/readd/context';
import { configurationOf } from '../../recovery/recorded';
import { settings as settingsOf } from '../../variables/told';
import { apply, failing, of } from '../etcd-apply';
import { MASTERS } from '../etcd-host';
import { installed, type Installed } from './installed';
import { ReaddHost } from './readd-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
const OTHERS = ['etcdctl', 'verify-cluster'];
const KEEPALIVED = '/etc/kubernetes/keepalived/keepalived.conf.template';

let made: Installed;

beforeAll(async () => {
  made = await installed(await settingsOf(TOLD), await configurationOf(TOLD));
}, 60_000);

async function readdFor(host: ReaddHost): Promise<Readd> {
  const [record, diagnosis] = await Promise.all([readRecord(host), examine(host)]);
  if (record === undefined || diagnosis === undefined) throw new Error('no record');
  return readdOf(record, diagnosis);
}

async function stepsFor(host: ReaddHost): Promise<readonly Step[]> {
  const stages = readdStages(await readdFor(host));
  return stages.flatMap(stage => stage.steps).filter(({ id }) => !OTHERS.includes(id));
}

describe('a text with addresses', () => {
  it.each([
    ['https://10.0.0.3:2379,https://10.0.0.33:2379', 'https://10.0.0.13:2379,https://10.0.0.33:2379'],
    ['10.0.0.3', '10.0.0.13'],
    ['10.0.0.3.', '10.0.0.13.'],
    ['110.0.0.3 10.0.0.3.5 10.0.0.30 1.10.0.0.3', '110.0.0.3 10.0.0.3.5 10.0.0.30 1.10.0.0.3'],
    ['10.0.0.2 10.0.0.3/32', '10.0.0.3 10.0.0.13/32'],
    ['10x0y0z3', '10x0y0z3'],
  ])('%s becomes %s', (before, after) => {
    const moves = new Map([
      ['10.0.0.3', '10.0.0.13'],
      ['10.0.0.2', '10.0.0.3'],
    ]);
    expect(movedText(before, moves)).toBe(after);
  });

  it('stays as it is where nothing moved', () => {
    expect(movedText('10.0.0.3', new Map())).toBe('10.0.0.3');
  });
});

describe('a master that has another address is told to all', () => {
  let host: ReaddHost;
  let order: readonly string[];

  beforeAll(async () => {
    host = new ReaddHost(made).replace('master3', '10.0.0.13');
    order = await apply(await stepsFor(host), host);
  }, 60_000);

  it('after it is a voter, one at a time, once its apiserver answers, the record last and here last of all', () => {
    expect(order).toEqual([
      ...['readd-save', 'readd-copy', 'readd-out-master3', 'readd-remove-master3'],
      ...['readd-files-master3', 'readd-store-master3'],
      ...['etcd-add-master3', 'etcd-start-master3', 'etcd-promote-master3', 'etcd-swap-master3'],
      ...['readd-files-master1', 'readd-tell-master1', 'readd-files-master2', 'readd-tell-master2'],
      ...['readd-keepalived-master3', 'readd-configuration'],
      ...['cluster-status', 'readd-record-master2', 'readd-record-master3', 'readd-record-master1'],
    ]);
  });

  it.each(['master1', 'master2', 'master3'])(
    'in what the apiserver on %s advertises, which asks its own etcd as before',
    name => {
      const own = name === 'master3' ? '10.0.0.13' : `10.0.0.${name.slice(-1)}`;
      expect(host.kept(name, '/etc/kubernetes/manifests/kube-apiserver.yaml')).toBe(
        `kind: Pod\n    - --advertise-address=${own}\n    - --etcd-servers=https://127.0.0.1:2379\n    - --tls=x\n`,
      );
    },
  );

  it('in keepalived’s peers, whose hash in the manifest starts the pod anew', () => {
    const peers = (name: string) => {
      const text = host.kept(name, KEEPALIVED);
      const block = /unicast_peer \{([^}]*)\}/.exec(text)?.[1]?.trim().split(/\s+/);
      return [/unicast_src_ip (\S+)/.exec(text)?.[1], block];
    };
    expect(['master1', 'master2', 'master3'].map(peers)).toEqual([
      ['10.0.0.1', ['10.0.0.2', '10.0.0.13']],
      ['10.0.0.2', ['10.0.0.1', '10.0.0.13']],
      ['10.0.0.13', ['10.0.0.1', '10.0.0.2']],
    ]);
    for (const { hostname } of MASTERS) {
      const scripts = ['start.sh', 'check-apiserver.sh'].map(one =>
        host.kept(hostname, `/etc/kubernetes/keepalived/${one}`),
      );
      const hash = sha256([host.kept(hostname, KEEPALIVED), ...scripts].join('\0'));
      expect(host.kept(hostname, '/etc/kubernetes/manifests/keepalived.yaml')).toContain(hash);
    }
  });

  it.each([
    [
      'master1',
      'apiserver',
      'kubernetes',
      ['10.96.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.13', '10.0.0.100', '127.0.0.1'],
    ],
    ['master2', 'etcd/server', 'etcd-ca', ['10.0.0.2', '127.0.0.1', '10.0.0.1', '10.0.0.13']],
    ['master3', 'etcd/peer', 'etcd-ca', ['10.0.0.13', '127.0.0.1']],
  ])('in the certificate of %s for %s, by the same CA', (name, base, issuer, addresses) => {
    const certificate = new X509Certificate(host.kept(name, `/etc/kubernetes/pki/${base}.crt`));
    const listed = (certificate.subjectAltName ?? '')
      .split(', ')
      .flatMap(san => /^IP Address:(.*)$/.exec(san)?.[1] ?? []);
    expect(listed).toEqual(addresses);
    expect(certificate.issuer).toBe(`CN=${issuer}`);
    const before = new X509Certificate(
      made.secrets.get(name)?.get(`pki.${base.replace('/', '.')}.crt`) ?? '',
    );
    expect(certificate.subject).toBe(before.subject);
    expect(before.subjectAltName).toContain('10.0.0.3');
  });

  it('in no certificate that does not name it', () => {
    const key = 'pki.etcd.peer.crt';
    expect(host.secrets.get('master1')?.get(key)).toBe(made.secrets.get('master1')?.get(key));
  });

  it('nowhere as it was, and each file with the sum of its content', () => {
    for (const [hostname, values] of host.secrets) {
      for (const [key, value] of values)
        expect(value, `${key} of ${hostname}`).not.toMatch(/(?<![\d.])10\.0\.0\.3(?![\d.])/);
      for (const line of (values.get('files') ?? '').split('\n').filter(one => one !== '')) {
        const [sum, , key = ''] = line.split(' ');
        expect(sum, `${key} of ${hostname}`).toBe(sha256(values.get(key) ?? ''));
      }
    }
    expect(JSON.stringify([...host.objects.values()])).not.toContain('10.0.0.3:');
    expect(JSON.stringify([...host.objects.values()])).toContain('https://10.0.0.13:2379');
  });

  it('by no word in a command that is secret, and by files that only root reads', () => {
    expect(host.executed.filter(command => /PRIVATE|key of/.test(command))).toEqual([]);
    const open = host
      .modes()
      .filter(([path, mode]) => /\/masters\/.*\.(key|conf)$/.test(path) && mode !== 0o600);
    expect(open).toEqual([]);
  });

  it('with the record that the next run begins from', async () => {
    expect((await readRecord(host))?.masters).toEqual([
      MASTERS[0],
      MASTERS[1],
      { hostname: 'master3', address: '10.0.0.13' },
    ]);
  });
});

describe('a cluster that was restored from before it kept its record for its masters', () => {
  const kept = '/etc/kubernetes/kube-el7-install/kubeadm-init.yaml';

  it('keeps it for each of them once one is put back, with the address of now, and begins from it the next time', async () => {
    const host = new ReaddHost(made).replace('master3', '10.0.0.13').neverKept(kept);
    await apply(await stepsFor(host), host);
    for (const { hostname } of MASTERS) {
      expect(host.kept(hostname, kept)).toMatch(/^ +- 10\.0\.0\.13$/m);
      expect(host.kept(hostname, kept)).not.toMatch(/10\.0\.0\.3$/m);
      const sum = sha256(host.kept(hostname, kept));
      expect(host.secrets.get(hostname)?.get('files')).toContain(`${sum} 600 `);
    }
    expect((await readRecord(host))?.masters.at(-1)?.address).toBe('10.0.0.13');
    const again = new Set(await apply(await stepsFor(host), host));
    expect([...again].filter(id => id.startsWith('readd-record'))).toEqual([]);
  });
});

describe('a member is not taken out', () => {
  it('before it has said that it has ended', async () => {
    const host = new ReaddHost(made).empty('master3');
    const steps = await stepsFor(host);
    host.respond(/\/api\/v1\/nodes\/master3$/, { error: 'connect ECONNREFUSED' });
    await failing(of(steps, 'readd-out-master3'), host);
    expect(host.turns.get('master3')).toBe('out');
    expect(host.who).toEqual(['master1', 'master2', 'master3']);
  });

  it('where another one has gone since, which would cost the quorum', async () => {
    const host = new ReaddHost(made).empty('master3');
    const steps = await stepsFor(host);
    host.broken.add('master2');
    await expect(apply([of(steps, 'readd-remove-master3')], host)).rejects.toThrow(
      /0 healthy of 2 voters would be left, and 2 must agree/,
    );
    expect(host.changes).toEqual([]);
  });

  it('nor ended, where it is well itself and counted on', async () => {
    const host = new ReaddHost(made);
    host.heads.set('master3', { 'x-etcd-cluster-id': 'ff' }).set('master1', { 'x-etcd-cluster-id': 'c1' });
    const steps = await stepsFor(host);
    host.broken.add('master2');
    await expect(apply([of(steps, 'readd-out-master3')], host)).rejects.toThrow(/1 healthy of 3 voters/);
    expect(host.turns.get('master3')).toBe('cluster');
  });

  it('before all of etcd is saved, which is verified and lies on a second master', async () => {
    const host = new ReaddHost(made).empty('master3');
    const steps = await stepsFor(host);
    await apply([of(steps, 'readd-save'), of(steps, 'readd-copy')], host);
    const [copy = ''] = host.copies;
    expect(copy).toMatch(
      /^master2 \/var\/lib\/kube-el7-install\/snapshots\/\d{8}T\d{6}Z-before-readd-master3-a3$/,
    );
    expect(host.text(`${copy.slice('master2 '.length)}.json`)).toContain('"revision":42');
    expect(await apply([of(steps, 'readd-save'), of(steps, 'readd-copy')], host)).toEqual([]);
    host.drop(`${copy.slice('master2 '.length)}.json`);
    expect(await apply([of(steps, 'readd-save')], host)).toEqual(['readd-save']);
  });

  it('before it is saved anew where something else was saved since, as members may have been changed again', async () => {
    const host = new ReaddHost(made).empty('master3');
    const steps = await stepsFor(host);
    await apply([of(steps, 'readd-save')], host);
    const later = '/var/lib/kube-el7-install/snapshots/29991231T000000Z-before-readd-master1';
    for (const end of ['db', 'json']) host.put(`${later}.${end}`, '{}');
    const save = of(steps, 'readd-save');
    expect(save.plan(await save.probe(host)).map(({ kind }) => kind)).toContain('run');
  });
});
