#!/bin/sh
# Whether this master's apiserver is healthy; keepalived asks every second. Written by kube-el7-install.
# An apiserver whose etcd has no quorum says so after 2 s (DefaultHealthcheckTimeout of k8s.io/apiserver), so it is heard out.
exec curl --silent --fail --max-time 4 --output /dev/null --noproxy '*' \
  --cacert /etc/kubernetes/pki/ca.crt https://127.0.0.1:6443/healthz
