import { expect } from 'vitest';
import type { HttpOutcome, HttpRequest } from '../../source/engine/host';
import { Secret } from '../../source/engine/secret';
import type { Docker } from '../../source/registry/docker';
import { imagesMissing } from '../../source/registry/presence';
import type { Registry } from '../../source/variables/settings';
import { FakeHost } from '../support/fake-host';
import { TYPES } from './stored';

export const ADDRESS = 'reg.example:5000';
export const IMAGE = `${ADDRESS}/k8s/etcd:3.4.13-0`;
export const MANIFEST = `https://${ADDRESS}/v2/k8s/etcd/manifests/3.4.13-0`;
export const SITE: Registry = { address: `${ADDRESS}/k8s`, plainHttp: false };
export const LOGIN = { username: 'puller', password: new Secret('hunter2') };
export const BASIC = `Basic ${Buffer.from('puller:hunter2').toString('base64')}`;
export const DOCKER: Docker = { version: '19.03.15', mirrors: [], insecure: [] };

export function answer(status: number, headers: Record<string, string> = {}, body = ''): HttpOutcome {
  return { status, headers, body, roundTripMs: 1 };
}

export const there = answer(200, { 'content-type': TYPES.image }, '{"schemaVersion":2}');

export function authorization(request: HttpRequest): string {
  const given = request.headers?.['authorization'] ?? '';
  return given instanceof Secret ? given.reveal() : String(given);
}

export async function reason(
  host: FakeHost,
  site = SITE,
  image = IMAGE,
  docker = DOCKER,
): Promise<string | undefined> {
  const missing = await imagesMissing(host, site, [image], docker);
  expect(missing.length).toBeLessThanOrEqual(1);
  return missing[0]?.reason;
}

/** A registry that answers requests as told, and everything else with 404. */
export function registry(
  answers: Readonly<Record<string, HttpOutcome | ((request: HttpRequest) => HttpOutcome)>>,
) {
  const requests: HttpRequest[] = [];
  const host = new FakeHost().respond(/./, request => {
    requests.push(request);
    const found = answers[request.url.replace(/\?.*/, '')] ?? answer(404);
    return typeof found === 'function' ? found(request) : found;
  });
  return Object.assign(host, { requests });
}

export const open = (manifest: HttpOutcome) =>
  registry({ [`https://${ADDRESS}/v2/`]: answer(200), [MANIFEST]: manifest });
