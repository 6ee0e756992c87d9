import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { FakeHost } from '../support/fake-host';

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function rsaKey(): string {
  return String(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
  );
}

function ecKey(): string {
  return String(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }),
  );
}

/** Every kind of secret that a host may have. */
export function makeCanaries() {
  return {
    caKey: rsaKey(),
    adminKey: rsaKey(),
    etcdKey: ecKey(),
    kubeletKey: ecKey(),
    otherMasterKey: ecKey(),
    sshKey: rsaKey(),
    token: `abc123.${randomBytes(8).toString('hex')}`,
    joinToken: `def456.${randomBytes(8).toString('hex')}`,
    certificateKey: randomBytes(32).toString('hex'),
    keepalived: randomBytes(4).toString('hex'),
    registryPassword: `pa55-${randomBytes(6).toString('hex')}`,
  };
}

export type Canaries = ReturnType<typeof makeCanaries>;

/** Every spelling of a secret that might stand in a text. */
function spellings(secret: string): readonly string[] {
  const folded = (text: string, width: number) =>
    (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n');
  return [
    secret,
    base64(secret),
    base64(`x${secret}`),
    folded(base64(`xy${secret}`), 76),
    encodeURIComponent(secret),
    JSON.stringify({ secret }),
    secret.replace(/-----[^-]+-----/g, '').trim(),
  ];
}

/** A text in which a careless program has printed all that it knew. */
export function leaking(canaries: Canaries): string {
  return Object.entries(canaries)
    .flatMap(([name, secret]) => spellings(secret).map(text => `${name} is ${text} as said\n`))
    .join('');
}

/** A master on which every log, journal and program tells everything. */
export function leakingHost(canaries: Canaries): FakeHost {
  const leak = leaking(canaries);
  const { caKey, adminKey, etcdKey, kubeletKey, otherMasterKey, sshKey, token, joinToken } = canaries;
  const state = '/var/lib/kube-el7-install';
  const secret = (content: string) => ({ content, mode: 0o600 });
  const kubeconfig = `users:\n- name: a\n  user:\n    client-key-data: ${base64(adminKey)}\n`;
  const cert = '-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n';
  return new FakeHost({
    '/etc/kubernetes/pki/ca.key': secret(caKey),
    '/etc/kubernetes/pki/ca.crt': cert,
    '/etc/kubernetes/pki/etcd/server.key': secret(etcdKey),
    '/etc/kubernetes/admin.conf': secret(kubeconfig),
    '/etc/kubernetes/manifests/kube-apiserver.yaml': `kind: Pod\n${leak}`,
    '/etc/kubernetes/manifests/.etcd-init.yaml': `kind: Pod\nhidden: yes\nodd: ${JSON.stringify(leak)}\n`,
    '/etc/kubernetes/keepalived/keepalived.conf': secret(`auth_pass ${canaries.keepalived}\n${leak}`),
    '/var/lib/kubelet/pki/kubelet-client-current.pem': secret(cert + kubeletKey),
    '/root/.kube/config': secret(kubeconfig),
    '/root/.ssh/id_rsa': secret(sshKey),
    '/root/.docker/config.json': secret(
      JSON.stringify({ auths: { 'reg:5000': { auth: base64(`me:${canaries.registryPassword}`) } } }),
    ),
    [`${state}/bootstrap-token`]: secret(`${token}\n`),
    [`${state}/join-worker`]: secret(
      `kubeadm join 10.0.0.1:6443 --token ${joinToken} --certificate-key ${canaries.certificateKey}\n`,
    ),
    [`${state}/keepalived-password`]: secret(`${canaries.keepalived}\n`),
    [`${state}/masters/master2/apiserver-etcd-client.key`]: secret(otherMasterKey),
    [`${state}/journal.jsonl`]: secret(`{"leak":${JSON.stringify(leak)}}\n${leak}`),
    [`${state}/journal-20261123T052400Z-1a2b.jsonl`]: secret(leak),
    [`${state}/snapshots/a.db`]: secret('db'),
    [`${state}/snapshots/a.json`]: secret(leak),
    '/var/log/kube-el7-install/20261123T052400Z-1a2b/all.log': secret(leak),
    '/etc/hosts': leak,
  })
    .answer(() => true, { stdout: leak, stderr: leak })
    .answer(/^docker ps -a --no-trunc/, {
      stdout: ['kube-apiserver', 'etcd', 'POD']
        .map((name, at) => `${String(at).repeat(64)} k8s_${name}_${name}-master1_kube-system_uid_0\n`)
        .join(''),
    })
    .answer('hostname', 'master1\n')
    .answer(/^ip -4 -o addr/, '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n')
    .answer(/^getent/, '10.0.0.1 STREAM master1\n')
    .answer(/^tail -c \d+ -- /, ({ args }, host) => host.text(args.at(-1) ?? '') ?? { code: 1 })
    .respond(() => true, { status: 200, headers: {}, body: leak, roundTripMs: 1 });
}

/** Every piece of the secrets that must not be seen: lines of keys and their base64, and short secrets whole. */
export function pieces(canaries: Canaries): readonly string[] {
  return Object.values(canaries).flatMap(secret => {
    const [value, encoded] = [secret.trim(), base64(secret)];
    if (!secret.includes('PRIVATE KEY')) return [value, base64(value).replace(/=+$/, '')];
    const lines = value.split('\n').slice(1, -1);
    // What base64 of every key begins and ends with tells nothing.
    const middle = encoded.slice(60, -60).match(/.{1,40}/g) ?? [];
    return [...lines, ...middle];
  });
}
