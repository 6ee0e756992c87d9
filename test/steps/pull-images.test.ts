import { expect, it } from 'vitest';
import { pullImages } from '../../source/steps/pull-images';
import { FakeHost } from '../support/fake-host';

const said = (words: string): string =>
  `Error response from daemon: Get "http://10.0.0.9:5000/v2/": ${words}`;

it('an image is pulled again while the registry does not answer, and not where it refuses', async () => {
  const host = new FakeHost().answer(/^docker image inspect/, { code: 1 });
  const pull = pullImages({ id: 'etcd', title: 'etcd', images: ['a:1', 'a:1'] }, []);
  const changes = pull.plan(await pull.probe(host));
  expect(changes.map(change => change.kind === 'run' && change.title)).toEqual(['docker pull a:1']);
  const [change] = changes;
  expect(change).toMatchObject({ command: { env: { DOCKER_CONFIG: '/root/.docker' } } });
  if (change?.kind !== 'run' || change.again === undefined) throw new Error('it is not tried again');
  const refused = new RegExp(change.again.while);
  for (const words of [
    'dial tcp 10.0.0.9:5000: connect: connection refused',
    'dial tcp 10.0.0.9:5000: connect: no route to host',
    'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    'dial tcp: lookup registry.site on 10.0.0.1:53: read udp 10.0.0.5:4411->10.0.0.1:53: i/o timeout',
    'net/http: TLS handshake timeout',
  ])
    expect(refused.test(said(words)), words).toBe(true);
  for (const words of [
    'unauthorized: authentication required',
    'http: server gave HTTP response to HTTPS client',
    'x509: certificate signed by unknown authority',
    'manifest for 10.0.0.9:5000/a:1 not found: manifest unknown',
    'dial tcp: lookup registry.site: no such host',
  ])
    expect(refused.test(said(words)), words).toBe(false);
});
