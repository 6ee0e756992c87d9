import { expect, it } from 'vitest';
import { clusterInfoSignature } from '../../source/kubernetes/cluster-info';

it("signs cluster-info as kube-controller-manager's own test wants it", () => {
  // staging/src/k8s.io/cluster-bootstrap/token/jws/jws_test.go
  const token = { id: 'joshua', secret: 'my voice is my passcode' };
  expect(clusterInfoSignature('Hello from the other side. I must have called a thousand times.', token)).toBe(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8',
  );
});
