#!/bin/bash
# Raises a highly available control plane with nothing but kubeadm: stacked etcd, certificates by
# --upload-certs, and the VIP from keepalived as a static pod, configured as kubeadm's own guide does
# (kubeadm, docs/ha-considerations.md). What the installer is measured against.
# The hosts are prepared already, packages and images are there. As root on a host:
#   bare-ha.sh init REGISTRY VERSION VIP TOKEN    the first master; TOKEN is the bootstrap token to use.
#                                                 Its last line is what the others need: KEY HASH
#   bare-ha.sh join REGISTRY VIP TOKEN KEY HASH   one more master
#   bare-ha.sh forget NAME                        on a master that is left: takes a lost one out of etcd and the cluster.
#                                                 Its last line is what a new one needs to join: TOKEN KEY HASH
# There is no going on after a failure: reset the hosts.
set -euo pipefail
address=$(ip -4 -o address show scope global dev host0 | awk '{ sub("/.*", "", $4); print $4; exit }')

stage() { printf '%(%H:%M:%S)T %s\n' -1 "$1"; }

keepalived() { # STATE PRIORITY REGISTRY VIP
  mkdir -p /etc/keepalived /etc/kubernetes/manifests
  cat >/etc/keepalived/keepalived.conf <<CONF
global_defs {
    router_id LVS_DEVEL
}
vrrp_script check_apiserver {
  script "/etc/keepalived/check_apiserver.sh"
  interval 3
  weight -2
  fall 10
  rise 2
}
vrrp_instance VI_1 {
    state $1
    interface host0
    virtual_router_id 51
    priority $2
    authentication {
        auth_type PASS
        auth_pass 42
    }
    virtual_ipaddress {
        $4
    }
    track_script {
        check_apiserver
    }
}
CONF
  cat >/etc/keepalived/check_apiserver.sh <<CHECK
#!/bin/sh
curl --silent --max-time 2 --insecure https://localhost:6443/ -o /dev/null || exit 1
if ip addr | grep -q $4; then
    curl --silent --max-time 2 --insecure https://$4:6443/ -o /dev/null || exit 1
fi
CHECK
  chmod 755 /etc/keepalived/check_apiserver.sh
  cat >/etc/kubernetes/manifests/keepalived.yaml <<MANIFEST
apiVersion: v1
kind: Pod
metadata: { name: keepalived, namespace: kube-system }
spec:
  hostNetwork: true
  containers:
    - name: keepalived
      image: $3/keepalived:2.2.7
      command: [keepalived, --dont-fork, --log-console, -f, /usr/local/etc/keepalived/keepalived.conf]
      securityContext: { capabilities: { add: [NET_ADMIN, NET_BROADCAST, NET_RAW] } }
      volumeMounts:
        - { name: config, mountPath: /usr/local/etc/keepalived/keepalived.conf }
        - { name: check, mountPath: /etc/keepalived/check_apiserver.sh }
  volumes:
    - { name: config, hostPath: { path: /etc/keepalived/keepalived.conf } }
    - { name: check, hostPath: { path: /etc/keepalived/check_apiserver.sh } }
MANIFEST
}

hash_of_ca() {
  local hash
  hash=$(openssl x509 -pubkey -noout -in /etc/kubernetes/pki/ca.crt | openssl pkey -pubin -outform der | sha256sum)
  echo "sha256:${hash%% *}"
}

initialize() { # REGISTRY VERSION VIP TOKEN
  local key
  stage 'keepalived'
  keepalived MASTER 101 "$1" "$3"
  key=$(kubeadm certs certificate-key)
  umask 077
  cat >/root/kubeadm.yaml <<CONFIG
apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: $address }
bootstrapTokens: [{ token: $4 }]
certificateKey: $key
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: v$2
imageRepository: $1
controlPlaneEndpoint: $3:6443
networking: { podSubnet: 10.244.0.0/16 }
etcd: { local: { imageTag: 3.4.23 } }
CONFIG
  stage 'kubeadm init'
  kubeadm init --config /root/kubeadm.yaml --upload-certs --ignore-preflight-errors DirAvailable--etc-kubernetes-manifests
  stage 'initialized'
  echo "$key $(hash_of_ca)"
}

join() { # REGISTRY VIP TOKEN KEY HASH
  stage 'keepalived'
  keepalived BACKUP 100 "$1" "$2"
  stage 'kubeadm join'
  kubeadm join "$2:6443" --control-plane --token "$3" --certificate-key "$4" --discovery-token-ca-cert-hash "$5" \
    --apiserver-advertise-address "$address" --ignore-preflight-errors DirAvailable--etc-kubernetes-manifests
  stage 'joined'
}

forget() { # NAME
  export KUBECONFIG=/etc/kubernetes/admin.conf
  local pki=/etc/kubernetes/pki/etcd member token key
  etcdctl() {
    kubectl -n kube-system exec "etcd-$(hostname)" -- etcdctl --endpoints https://127.0.0.1:2379 \
      --cacert $pki/ca.crt --cert $pki/healthcheck-client.crt --key $pki/healthcheck-client.key "$@"
  }
  member=$(etcdctl member list | awk -F', ' -v name="$1" '$3 == name { print $1 }')
  etcdctl member remove "$member"
  kubectl delete node "$1"
  key=$(kubeadm init phase upload-certs --upload-certs | tail -n 1)
  token=$(kubeadm token create)
  echo "$token $key $(hash_of_ca)"
}

case $1 in
  init) initialize "${@:2}" ;;
  join) join "${@:2}" ;;
  forget) forget "${@:2}" ;;
  *) exit 2 ;;
esac
