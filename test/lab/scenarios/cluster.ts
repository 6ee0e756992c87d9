import { expect } from 'vitest';
import { dnsOnly } from '../hosts/dns';
import { until } from '../lab';
import type { LabHost } from '../lab';
import { kubectl } from './support';

const etcdPki = '/etc/kubernetes/pki/etcd';

/** Asserts that the single master is what was promised: Ready, its etcd and tiller answering over TLS to whom they should, and to nobody else. */
export async function expectWorkingMaster(
  host: LabHost,
  options: { readonly tiller: boolean; readonly workers?: readonly string[] },
): Promise<void> {
  const nodes = [host.name, ...(options.workers ?? [])];
  await kubectl(
    host,
    `wait --for=condition=Ready --timeout=120s ${nodes.map(name => `node/${name}`).join(' ')}`,
  );
  expect((await kubectl(host, 'get nodes -o name')).trim().split('\n')).toHaveLength(nodes.length);
  await expectEtcd(host);
  const pods = await kubectl(host, 'get pods -A --no-headers');
  expect(pods).toMatch(/flannel\S*\s+1\/1\s+Running/);
  expect(pods).toMatch(/coredns\S*\s+1\/1\s+Running/);
  expect(pods).toMatch(/kube-proxy\S*\s+1\/1\s+Running/);
  if (options.tiller) await expectTiller(host);
  else expect(pods).not.toContain('tiller');
}

async function expectEtcd(host: LabHost): Promise<void> {
  const pair = `--cert ${etcdPki}/healthcheck-client.crt --key ${etcdPki}/healthcheck-client.key`;
  const url = `https://${host.address}:2379/health`;
  const answer = await host.run(`curl -sS --cacert ${etcdPki}/ca.crt ${pair} ${url}`);
  expect(answer.stdout).toContain('"health":"true"');
  // With TLS 1.3 a client learns of the refusal only later, in ways that differ.
  const refused = await host.run(`curl -sS --tls-max 1.2 --cacert ${etcdPki}/ca.crt ${url}`);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/alert bad certificate/i);
  const peer = await host.run(`curl -sS --cacert ${etcdPki}/ca.crt https://${host.address}:2380/members`);
  expect(peer.code).not.toBe(0);
}

async function expectTiller(host: LabHost): Promise<void> {
  const address = await kubectl(host, "get svc -n kube-system tiller-deploy -o jsonpath='{.spec.clusterIP}'");
  const connect = `timeout 20 openssl s_client -connect ${address}:44134 -CAfile /root/.helm/ca.pem -verify_return_error`;
  const answer = await host.run(
    `sleep 1 | ${connect} -cert /root/.helm/cert.pem -key /root/.helm/key.pem -ign_eof 2>&1`,
  );
  expect(answer.stdout).toContain('Verify return code: 0');
  expect(answer.stdout).toMatch(/stand-in/i);
  const refused = await host.run(`sleep 1 | ${connect} -ign_eof 2>&1`);
  expect(refused.stdout).not.toMatch(/stand-in/i);
  expect(refused.stdout).toMatch(/alert|certificate required|handshake failure/i);
}

/** Asserts that a pod on the worker reaches a service whose pod is on the master, by the service's name, and resolves a name of the site's. */
export async function expectServiceReachable(
  master: LabHost,
  worker: LabHost,
  registry: string,
): Promise<void> {
  const image = `${registry}/lab-probe:1`;
  await kubectl(master, 'apply -f -', serverManifest(master.name, image));
  await kubectl(master, 'wait --for=condition=Ready pod/probe-server --timeout=90s');
  await kubectl(master, 'apply -f -', clientManifest(worker.name, image));
  await until('the pod on the worker to have asked the service', 120_000, async () => {
    const phase = await kubectl(master, "get pod probe-client -o jsonpath='{.status.phase}'");
    if (phase !== 'Succeeded')
      throw new Error(`it is ${phase}: ${(await master.run('kubectl logs probe-client')).stdout}`);
  });
  const said = await kubectl(master, 'logs probe-client');
  expect(said).toContain('probe-server');
  expect(said).toContain(registry.split(':')[0]);
}

function serverManifest(node: string, image: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'probe-server', labels: { app: 'probe-server' } },
        spec: {
          nodeName: node,
          tolerations: [{ operator: 'Exists' }],
          containers: [{ name: 'probe', image }],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'probe-server' },
        spec: { selector: { app: 'probe-server' }, ports: [{ port: 80, targetPort: 8080 }] },
      },
    ],
  });
}

function clientManifest(node: string, image: string): string {
  const url = 'http://probe-server.default.svc.cluster.local/hostname';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'probe-client' },
    spec: {
      nodeName: node,
      restartPolicy: 'OnFailure',
      containers: [
        {
          name: 'probe',
          image,
          command: ['/bin/sh', '-c', `lab-probe get ${url} && lab-probe resolve ${dnsOnly}.`],
        },
      ],
    },
  });
}
