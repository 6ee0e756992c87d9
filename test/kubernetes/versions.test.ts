import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  DEFAULT_KUBE_VERSION,
  factsFor,
  SUPPORTED_RANGE,
} from '../../source/kubernetes/versions';

describe('the facts of a version', () => {
  it.each([
    ['1.16.0', 'v1beta2', '3.3.15-0', '3.1', '1.6.2'],
    ['1.17.17', 'v1beta2', '3.4.3-0', '3.1', '1.6.5'],
    ['1.18.20', 'v1beta2', '3.4.3-0', '3.2', '1.6.7'],
    ['1.19.0', 'v1beta2', '3.4.9-1', '3.2', '1.7.0'],
    ['1.19.1', 'v1beta2', '3.4.13-0', '3.2', '1.7.0'],
    ['1.20.2', 'v1beta2', '3.4.13-0', '3.2', '1.7.0'],
    ['1.21.14', 'v1beta2', '3.4.13-0', '3.4.1', 'v1.8.0'],
    ['1.22.0', 'v1beta3', '3.5.6-0', '3.5', 'v1.8.4'],
    ['1.23.17', 'v1beta3', '3.5.6-0', '3.6', 'v1.8.6'],
  ])('%s: %s, etcd %s, pause %s, coredns %s', (version, api, etcd, pause, coredns) => {
    const facts = factsFor(version);
    expect(facts?.kubeadmApi).toBe(`kubeadm.k8s.io/${api}`);
    expect(facts?.tags).toMatchObject({ etcd, pause, coredns });
    expect(facts?.minor).toBe(version.split('.').slice(0, 2).join('.'));
  });

  it('know that tiller is by default up to 1.16, and the second label is from 1.20', () => {
    expect(['1.16.9', '1.17.0'].map(version => factsFor(version)?.tillerByDefault)).toEqual([true, false]);
    expect(['1.19.9', '1.20.0'].map(version => factsFor(version)?.masterLabels.length)).toEqual([1, 2]);
  });

  it.each([
    '1.15.12',
    '1.24.0',
    '2.20.2',
    'v1.20.2',
    '1.20',
    '1.20.02',
    '1.20.2-rc.0',
    '',
    '1.20.2 ',
    '1.1e1.0',
  ])('are not there for %j', version => {
    expect(factsFor(version)).toBeUndefined();
  });

  it('are there for the default', () => {
    expect(factsFor(DEFAULT_KUBE_VERSION)).toBeDefined();
    expect(SUPPORTED_RANGE).toBe('1.16.x to 1.23.x');
  });
});

it('orders versions by number', () => {
  expect(['1.20.10', '1.9.0', '1.20.2'].sort(compareVersions)).toEqual(['1.9.0', '1.20.2', '1.20.10']);
});
