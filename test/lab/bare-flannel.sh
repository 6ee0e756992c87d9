#!/bin/bash
# Applies flannel as the bare scripts do. Usage, as root on a master: bare-flannel.sh REGISTRY POD_SUBNET
set -euo pipefail
flannel_image=$1/flannel:v0.14.0
pod_subnet=$2
export KUBECONFIG=/etc/kubernetes/admin.conf

kubectl apply -f - <<MANIFEST
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: flannel }
rules:
  - { apiGroups: [""], resources: [pods], verbs: [get] }
  - { apiGroups: [""], resources: [nodes], verbs: [list, watch, get] }
  - { apiGroups: [""], resources: [nodes/status], verbs: [patch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: flannel }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: flannel }
subjects: [{ kind: ServiceAccount, name: flannel, namespace: kube-system }]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: flannel, namespace: kube-system }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: kube-flannel-cfg, namespace: kube-system }
data:
  cni-conf.json: |
    { "name": "cbr0", "cniVersion": "0.3.1", "plugins": [
      { "type": "flannel", "delegate": { "hairpinMode": true, "isDefaultGateway": true } },
      { "type": "portmap", "capabilities": { "portMappings": true } } ] }
  net-conf.json: |
    { "Network": "$pod_subnet", "Backend": { "Type": "vxlan" } }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: kube-flannel-ds, namespace: kube-system, labels: { app: flannel } }
spec:
  selector: { matchLabels: { app: flannel } }
  template:
    metadata: { labels: { app: flannel } }
    spec:
      hostNetwork: true
      priorityClassName: system-node-critical
      serviceAccountName: flannel
      tolerations: [{ operator: Exists, effect: NoSchedule }]
      initContainers:
        - name: install-cni
          image: $flannel_image
          command: [cp, -f, /etc/kube-flannel/cni-conf.json, /etc/cni/net.d/10-flannel.conflist]
          volumeMounts:
            - { name: cni, mountPath: /etc/cni/net.d }
            - { name: flannel-cfg, mountPath: /etc/kube-flannel/ }
      containers:
        - name: kube-flannel
          image: $flannel_image
          args: [--ip-masq, --kube-subnet-mgr]
          env:
            - { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
            - { name: POD_NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
          securityContext: { privileged: false, capabilities: { add: [NET_ADMIN, NET_RAW] } }
          volumeMounts:
            - { name: run, mountPath: /run/flannel }
            - { name: flannel-cfg, mountPath: /etc/kube-flannel/ }
      volumes:
        - { name: run, hostPath: { path: /run/flannel } }
        - { name: cni, hostPath: { path: /etc/cni/net.d } }
        - { name: flannel-cfg, configMap: { name: kube-flannel-cfg } }
MANIFEST
