function names(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/**
 * Flags whose values are words, and no secret: of kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy and
 * the kubelet (their --help, 1.16 to 1.23), of etcd 3.3 to 3.5, of dockerd, flanneld, kubeadm, kubectl and of this program.
 */
export const KNOWN_FLAGS = names(`
  admission-control advertise-address advertise-client-urls allocate-node-cidrs alsologtostderr api-audiences
  apiserver-advertise-address apiserver-count audit-log-format audit-log-mode audit-policy authorization-mode
  bind-address bridge-nf cgroup-driver cgroup-root cgroups-per-qos cidr client-ca-file cloud-provider cluster-dns
  cluster-domain cluster-name cluster-signing-duration cni-bin-dir cni-conf-dir concurrent config container-runtime
  container-runtime-endpoint contention-profiling controllers cpu-manager-policy data-dir default-runtime
  default-ulimit detect-local-mode dns dns-search dry-run election-timeout enable-admission-plugins
  disable-admission-plugins encryption-provider-config endpoint-reconciler-type endpoints etcd-prefix etcd-servers
  eviction-hard eviction-minimum-reclaim eviction-soft eviction-soft-grace-period exec-opt experimental-cluster-signing-duration
  external-hostname feature-gates field-manager filename graph group grpc heartbeat-interval hostname-override iface
  ignore-preflight-errors image-repository initial-advertise-peer-urls initial-cluster initial-cluster-state
  insecure-bind-address insecure-registry iptables kube-api-burst kube-api-qps kube-reserved kubeconfig
  kubelet-preferred-address-types kubernetes-version leader-elect leader-elect-resource-lock leader-elect-resource-name
  leader-elect-resource-namespace listen-client-urls listen-metrics-urls listen-peer-urls log-driver log-level logger
  log-outputs log-package-levels logging-format logtostderr masquerade-all master masters max-snapshots max-wals metrics-bind-address
  metrics-port name namespace native.cgroupdriver network-plugin node-ip node-labels node-name oidc-groups-claim
  oidc-groups-prefix oidc-signing-algs oidc-username-claim oidc-username-prefix output peer-urls phase pod-cidr
  pod-infra-container-image pod-manifest-path policy-config-file port profiling proxy-mode public-ip
  register-schedulable register-with-taints requestheader-allowed-names requestheader-extra-headers-prefix
  requestheader-group-headers requestheader-username-headers resolv-conf root-dir runtime-cgroups runtime-config
  selinux-enabled service-cluster-ip-range service-node-port-range show-managed-fields skip-phases sort-by
  storage-backend storage-driver storage-media-type storage-opt strict-reconfig-check system-reserved
  system-cgroups kubelet-cgroups tls-cipher-suites tls-min-version topology-manager-policy user v vip vmodule volume-plugin-dir
  write-out yes plan ssh platform wait timeout request-timeout all-namespaces tail timestamps since
`);

/** Keys whose values are words, and no secret: of Kubernetes' objects and kubeadm's and the kubelet's configuration, of docker's daemon.json, of what the installer writes. */
export const KNOWN_KEYS = names(`
  apiVersion kind name namespace generateName uid nodeName hostname image imageID imageName imagePullPolicy
  containerID ready started phase reason type status restartPolicy dnsPolicy priorityClassName schedulerName
  serviceAccount serviceAccountName terminationMessagePath terminationMessagePolicy protocol scheme host port
  key operator effect topologyKey mountPath path subPath propagation mountPropagation hostIP podIP ip qosClass
  fieldPath medium fsType claimName secretName driver volumeMode
  architecture bootID containerRuntimeVersion kernelVersion kubeProxyVersion kubeletVersion machineID
  operatingSystem osImage systemUUID podCIDR cpu memory pods ephemeral-storage hugepages-1Gi hugepages-2Mi
  clusterName kubernetesVersion imageRepository imageTag controlPlaneEndpoint certificatesDir dnsDomain
  podSubnet serviceSubnet criSocket advertiseAddress bindPort taints clusterDomain clusterDNS resolvConf
  cgroupDriver cpuManagerPolicy topologyManagerPolicy hairpinMode mode authorization-mode
  log-driver log-level storage-driver default-runtime exec-opts cgroup-parent data-root graph bridge bip
  insecure-registries dns dns-search hosts runtimes default-cgroupns-mode selinux-enabled storage-opts
  revision hash totalKey totalSize run command step stage member members peerUrls clientUrls version cluster
  topologySpreadConstraints whenUnsatisfiable podAffinity
`);

/** Options of mounts (mount(8), nfs(5), mount.cifs(8)) with a value that is no secret. */
export const KNOWN_OPTIONS = names(`
  defaults auto noauto user nouser users owner group rw ro suid nosuid dev nodev exec noexec async sync dirsync
  atime noatime diratime nodiratime relatime norelatime strictatime lazytime _netdev nofail bind rbind
  private slave shared discard nodiscard barrier nobarrier inode64 inode32 noquota quota usrquota grpquota
  pquota prjquota uquota gquota errors data commit nfsvers vers proto mountproto port mountport rsize wsize
  timeo retrans retry soft hard intr nointr tcp udp sec lock nolock ac noac acl noacl user_xattr mode uid gid
  umask fmask dmask file_mode dir_mode iocharset codepage cache serverino noserverino noperm dynperm size
  nr_inodes context fscontext defcontext rootcontext seclabel pri sw swap comment x-systemd.automount
  x-systemd.device-timeout x-systemd.requires x-systemd.after x-systemd.before x-systemd.mount-timeout
  x-systemd.idle-timeout x-initrd.mount logbufs logbsize noalign largeio swalloc allocsize attr2 subvol compress
`);

/** Variables whose values are flags of programs, or words that are no secret. */
export const FLAG_VARIABLES = names(`
  KUBELET_EXTRA_ARGS KUBELET_KUBEADM_ARGS KUBELET_KUBECONFIG_ARGS KUBELET_CONFIG_ARGS KUBELET_NETWORK_ARGS
  KUBELET_DNS_ARGS KUBELET_CGROUP_ARGS KUBELET_CADVISOR_ARGS KUBELET_CERTIFICATE_ARGS OPTIONS DOCKER_OPTS
  DOCKER_STORAGE_OPTIONS DOCKER_NETWORK_OPTIONS ADD_REGISTRY BLOCK_REGISTRY INSECURE_REGISTRY
`);
export const KNOWN_VARIABLES = names(`
  DOCKER_CERT_PATH GOTRACEBACK GOMAXPROCS LANG LC_ALL TZ PATH HOSTNAME NODE_NAME POD_NAME POD_NAMESPACE POD_IP
  SELINUX SELINUXTYPE NODE_IP KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT ETCDCTL_API ETCD_NAME FLANNEL_OPTIONS no_proxy NO_PROXY
`);
