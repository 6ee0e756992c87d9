import { afterEach } from 'vitest';
import type { HttpOutcome, HttpRequest } from '../../source/engine/host';
import { Secret } from '../../source/engine/secret';
import { localRequest } from '../../source/hosts/local-request';
import type { Docker } from '../../source/registry/docker';
import { imagesMissing } from '../../source/registry/presence';
import { FakeHost } from '../support/fake-host';
import { standIn } from './standins';
import type { Make, StandIn, StandInOptions } from './standins';
import { image } from './stored';
import type { Stored } from './stored';

export const NEW: Docker = { version: '20.10.24', mirrors: [], insecure: [] };
export const OLD: Docker = { version: '1.13.1', mirrors: [], insecure: [] };
export const UNKNOWN: Docker = { mirrors: [], insecure: [] };
export const LOGIN = { username: 'puller', password: new Secret('hunter2') };
export const ETCD = 'k8s/deep/er/etcd:3.4.13-0';

export class RequestingHost extends FakeHost {
  override request(request: HttpRequest): Promise<HttpOutcome> {
    return localRequest(request);
  }
}

const running: StandIn[] = [];
afterEach(() => {
  for (const one of running.splice(0)) one.close();
});

export async function start(options: Partial<StandInOptions> & { make: Make }): Promise<StandIn> {
  const stored: readonly Stored[] = [image()];
  const started = await standIn({ images: { [ETCD]: stored }, open: ['k8s/deep/er/etcd'], ...options });
  running.push(started);
  return started;
}

/** Why docker could not pull the image; '' where it could. */
export async function reason(registry: StandIn, login: boolean, docker = NEW, name = ETCD): Promise<string> {
  const [missing] = await imagesMissing(
    new RequestingHost(),
    { address: `${registry.address}/k8s`, plainHttp: true, ...(login ? { login: LOGIN } : {}) },
    [`${registry.address}/${name}`],
    docker,
  );
  return missing?.reason ?? '';
}
