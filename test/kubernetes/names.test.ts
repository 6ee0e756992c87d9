import { describe, expect, it } from 'vitest';
import { swapJob, swapName } from '../../source/kubernetes/etcd-swap';
import { masterSecret } from '../../source/kubernetes/master-secret';
import { jobOf, labelOf, objectOf } from '../../source/kubernetes/names';

/** What the API takes for the name of an object (IsDNS1123Subdomain of k8s.io/apimachinery) and for the value of a label (IsValidLabelValue). */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9_.]*[a-z0-9])?$/;

/** As AWS calls its hosts (private DNS names of the regions), and other long ones. */
const LONG = [
  'ip-172-31-100-200.eu-central-1.compute.internal',
  'ip-172-31-100-200.ap-southeast-1.compute.internal',
  'ip-172-31-100-200.us-gov-west-1.compute.internal',
  'kubernetes-master-0001.datacenter-north.production.example.org',
  `${'a'.repeat(36)}.b`,
  // The cut falls on a dot, and on several dashes.
  ...[23, 24, 25].map(length => `${'m'.repeat(length)}.${'y'.repeat(30)}`),
  `${'m'.repeat(24)}--${'z'.repeat(37)}`,
  'm'.repeat(63),
];

describe('the names of what belongs to a host', () => {
  it.each(LONG)('are taken by the API for %s', hostname => {
    expect(hostname.length).toBeLessThanOrEqual(63);
    const job = swapName({ hostname, address: '10.0.0.1' });
    expect(job.length).toBeLessThanOrEqual(63);
    for (const name of [job, masterSecret(hostname)]) expect(name).toMatch(SUBDOMAIN);
    // The controller puts the Job's name into a label of its pods.
    expect(job).toMatch(LABEL);
    expect(labelOf(hostname)).toBe(hostname);
  });

  it('stay what they were in clusters that were made before', () => {
    expect(swapName({ hostname: 'master1', address: '10.0.0.1' })).toBe('kube-el7-install-etcd-swap-master1');
    // 36 characters: the longest whose Job was ever made.
    const longest = 'ip-172-31-100-200.ec2.internal.examp';
    expect(swapName({ hostname: longest, address: '10.0.0.1' })).toBe(
      `kube-el7-install-etcd-swap-${longest}`,
    );
    expect(masterSecret('m'.repeat(63))).toBe(`kube-el7-install-master-${'m'.repeat(63)}`);
  });

  it('are the same in every run and differ from host to host', () => {
    const hosts = Array.from(
      { length: 300 },
      (_, at) => `ip-172-31-${at}-200.eu-central-1.compute.internal`,
    ).flatMap(name => [name, name.replace('internal', 'example')]);
    expect(new Set(hosts.map(name => jobOf('etcd-swap', name))).size).toBe(hosts.length);
    expect(jobOf('etcd-swap', hosts[0] ?? '')).toBe(jobOf('etcd-swap', hosts[0] ?? ''));
    // Named in clusters from now on: another name would leave the Job of an interrupted run behind.
    expect(jobOf('etcd-swap', 'ip-172-31-100-200.eu-central-1.compute.internal')).toMatchInlineSnapshot(
      `"kube-el7-install-etcd-swap-ip-172-31-100-200.eu-cent-098980dfff"`,
    );
  });

  it('are bounded for any name, as an object and as a label', () => {
    for (const length of [64, 100, 200, 253]) {
      const hostname = 'a.b-c'.repeat(60).slice(0, length - 1) + 'd';
      expect(objectOf('master', hostname).length).toBeLessThanOrEqual(253);
      expect(objectOf('master', hostname)).toMatch(SUBDOMAIN);
      expect(labelOf(hostname).length).toBeLessThanOrEqual(63);
      expect(labelOf(hostname)).toMatch(LABEL);
    }
  });

  it('leave the node itself with its own name', () => {
    const hostname = LONG[0] ?? '';
    const { spec } = swapJob({ hostname, address: '10.0.0.1' }, 'image', 'true') as unknown as {
      readonly spec: { readonly template: { readonly spec: { readonly nodeName: string } } };
    };
    expect(spec.template.spec.nodeName).toBe(hostname);
  });
});
