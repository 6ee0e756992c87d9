#!/bin/bash
# Raises a single master on an EL7 host with nothing but the commands themselves: what the
# installer is measured against, and the proof that a lab host can carry a cluster.
# Usage, as root on the host: bare-install.sh REGISTRY VERSION   (10.160.1.1:5000 1.20.2)
# The registry is taken to be one over plain HTTP. There is no going on after a failure: reset the host.
set -euo pipefail
registry=$1
version=$2
etcd_image=$registry/etcd:3.4.23
flannel_image=$registry/flannel:v0.14.0
pod_subnet=10.244.0.0/16
host=$(hostname)
address=$(ip -4 -o address show scope global dev host0 | awk '{ sub("/.*", "", $4); print $4; exit }')
pki=/etc/kubernetes/pki

stage() { printf '%(%H:%M:%S)T %s\n' -1 "$1"; }

stage 'packages'
yum -y -q install docker "kubelet-$version" "kubeadm-$version" "kubectl-$version"

stage 'host'
setenforce 0 || true
sed -i 's/^SELINUX=.*/SELINUX=permissive/' /etc/selinux/config
swapoff -a
echo br_netfilter >/etc/modules-load.d/kubernetes.conf
modprobe br_netfilter
printf 'net.bridge.bridge-nf-call-iptables = 1\nnet.ipv4.ip_forward = 1\n' >/etc/sysctl.d/90-kubernetes.conf
sysctl -q -p /etc/sysctl.d/90-kubernetes.conf
mkdir -p /etc/docker
printf '{ "insecure-registries": ["%s"] }\n' "$registry" >/etc/docker/daemon.json
systemctl enable --quiet --now docker
cgroup_driver=$(docker info --format '{{.CgroupDriver}}')

stage 'images and certificates'
images=(kube-apiserver:v$version kube-controller-manager:v$version kube-scheduler:v$version kube-proxy:v$version
  pause:3.2 coredns:1.7.0 "${etcd_image#"$registry"/}" "${flannel_image#"$registry"/}")
printf '%s\n' "${images[@]}" | xargs -P 4 -I NAME docker pull --quiet "$registry/NAME" &
pulls=$!

umask 077
mkdir -p $pki/etcd
authority() { # PATH NAME
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  openssl req -x509 -new -key "$1.key" -subj "/CN=$2" -days 3650 -out "$1.crt" \
    -addext 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature'
}
certificate() { # PATH SUBJECT USAGE [SAN]
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  {
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=$3"
    if [ -n "${4-}" ]; then echo "subjectAltName=$4"; fi
  } >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA $pki/etcd/ca.crt -CAkey $pki/etcd/ca.key -CAcreateserial -days 365 \
    -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.csr" "$1.ext"
}
names="DNS:$host,DNS:localhost,IP:$address,IP:127.0.0.1"
authority $pki/etcd/ca etcd-ca
certificate $pki/etcd/server "/CN=$host" serverAuth,clientAuth "$names"
certificate $pki/etcd/peer "/CN=$host" serverAuth,clientAuth "$names"
certificate $pki/etcd/healthcheck-client /O=system:masters/CN=kube-etcd-healthcheck-client clientAuth
certificate $pki/apiserver-etcd-client /O=system:masters/CN=kube-apiserver-etcd-client clientAuth
wait "$pulls"

stage 'etcd'
mkdir -p /etc/kubernetes/manifests /etc/systemd/system/kubelet.service.d
cat >/etc/systemd/system/kubelet.service.d/20-etcd-service-manager.conf <<UNIT
[Service]
ExecStart=
ExecStart=/usr/bin/kubelet --address=127.0.0.1 --pod-manifest-path=/etc/kubernetes/manifests --cgroup-driver=$cgroup_driver --pod-infra-container-image=$registry/pause:3.2
Restart=always
UNIT
cat >/etc/kubernetes/manifests/etcd-init.yaml <<MANIFEST
apiVersion: v1
kind: Pod
metadata:
  name: etcd-init
  namespace: kube-system
  labels: { component: etcd, tier: control-plane }
spec:
  hostNetwork: true
  priorityClassName: system-node-critical
  containers:
    - name: etcd
      image: $etcd_image
      command:
        - etcd
        - --name=$host
        - --data-dir=/var/lib/etcd
        - --listen-client-urls=https://0.0.0.0:2379
        - --advertise-client-urls=https://$address:2379
        - --listen-peer-urls=https://0.0.0.0:2380
        - --initial-advertise-peer-urls=https://$address:2380
        - --initial-cluster=$host=https://$address:2380
        - --initial-cluster-state=new
        - --client-cert-auth=true
        - --trusted-ca-file=$pki/etcd/ca.crt
        - --cert-file=$pki/etcd/server.crt
        - --key-file=$pki/etcd/server.key
        - --peer-client-cert-auth=true
        - --peer-trusted-ca-file=$pki/etcd/ca.crt
        - --peer-cert-file=$pki/etcd/peer.crt
        - --peer-key-file=$pki/etcd/peer.key
        - --listen-metrics-urls=http://127.0.0.1:2381
      livenessProbe:
        httpGet: { host: 127.0.0.1, path: /health, port: 2381 }
        initialDelaySeconds: 10
        timeoutSeconds: 15
        failureThreshold: 8
      volumeMounts:
        - { name: data, mountPath: /var/lib/etcd }
        - { name: certificates, mountPath: $pki/etcd }
  volumes:
    - { name: data, hostPath: { path: /var/lib/etcd, type: DirectoryOrCreate } }
    - { name: certificates, hostPath: { path: $pki/etcd, type: DirectoryOrCreate } }
MANIFEST
systemctl daemon-reload
systemctl enable --quiet kubelet
systemctl restart kubelet
healthy() {
  curl -sf --max-time 2 --cacert $pki/etcd/ca.crt --cert $pki/etcd/healthcheck-client.crt \
    --key $pki/etcd/healthcheck-client.key https://127.0.0.1:2379/health | grep '"health":"true"' >/dev/null
}
until healthy; do sleep 0.2; done

stage 'control plane'
rm /etc/systemd/system/kubelet.service.d/20-etcd-service-manager.conf
systemctl daemon-reload
systemctl stop kubelet
cat >/root/kubeadm.yaml <<CONFIG
apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: $address }
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: v$version
imageRepository: $registry
networking: { podSubnet: $pod_subnet }
etcd:
  external:
    endpoints: ["https://$address:2379"]
    caFile: $pki/etcd/ca.crt
    certFile: $pki/apiserver-etcd-client.crt
    keyFile: $pki/apiserver-etcd-client.key
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: $cgroup_driver
CONFIG
# The lab's kernel and docker's driver are what they are: kubeadm only warns of both.
kubeadm init --config /root/kubeadm.yaml
export KUBECONFIG=/etc/kubernetes/admin.conf

stage 'flannel'
"$(dirname "$0")/bare-flannel.sh" "$registry" $pod_subnet

stage 'waiting for the node'
kubectl wait --for=condition=Ready "node/$host" --timeout=300s
stage 'ready'
