import { describe, expect, it } from 'vitest';
import { Anchors, serverFault } from '../../source/pki/chain';
import { CERTIFICATE_CASES } from '../registry/authorities';
import type { CertificateCase } from '../registry/authorities';

const NOW = new Date('2026-01-01');

function fault({ sent, anchors, server = 'reg.example' }: CertificateCase, old: boolean): string | undefined {
  return serverFault(
    sent.map(({ certificate }) => certificate),
    new Anchors(anchors.map(({ certificate }) => certificate)),
    { server, now: NOW, commonName: old, sha1: old },
  );
}

describe("a server's certificates are judged as Go's crypto/x509 does", () => {
  it.each(Object.entries(CERTIFICATE_CASES))('by Go 1.18 and later: %s', (_, one) => {
    if (one.refused === undefined) expect(fault(one, false)).toBeUndefined();
    else expect(fault(one, false)).toMatch(one.refused);
  });

  it.each(Object.entries(CERTIFICATE_CASES))('by Go before 1.15: %s', (_, one) => {
    if (one.refused === undefined || one.old === 'takes it') expect(fault(one, true)).toBeUndefined();
    else expect(fault(one, true)).toMatch(one.refused);
  });
});
