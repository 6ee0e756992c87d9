/** What kubeadm has in CoreDNS' configuration (cmd/kubeadm/app/phases/addons/dns/manifests.go). */
const FORWARD = /^( *)forward \. \/etc\/resolv\.conf(?: \{[^}]*\})?\n/m;
const LOOP = /^ *loop\n/m;
const MARK = '# kube-el7-install:';
const MARKED = /^( *)# kube-el7-install: [^\n]*\n(?: *forward \. [^\n]*\n)?/m;

/**
 * The Corefile with the servers that it is told; with none, it answers for the cluster's names only, since CoreDNS ends where
 * it is to forward and finds no server (plugin/pkg/parse of CoreDNS), or finds itself (plugin/loop). With `undefined` it is as
 * kubeadm had it. What an operator wrote in the place of kubeadm's line is left alone.
 */
export function withUpstream(corefile: string, upstream: readonly string[] | undefined): string {
  const ours = MARKED.exec(corefile);
  const place = ours ?? FORWARD.exec(corefile);
  if (place === null || (ours === null && upstream === undefined)) return corefile;
  const [whole, indent = '    '] = place;
  const put = (lines: readonly string[]): string =>
    corefile.replace(whole, () => lines.map(line => `${indent}${line}\n`).join(''));
  if (upstream === undefined) return withLoop(put(['forward . /etc/resolv.conf']), indent);
  if (upstream.length > 0) {
    const why = `${MARK} pods cannot use all servers of /etc/resolv.conf on the first master`;
    return withLoop(put([why, `forward . ${upstream.join(' ')}`]), indent);
  }
  return put([`${MARK} the first master knows no DNS server that pods could use`]).replace(LOOP, '');
}

function withLoop(corefile: string, indent: string): string {
  return LOOP.test(corefile) ? corefile : corefile.replace(/^( *forward [^\n]*\n)/m, `$1${indent}loop\n`);
}

/** For a plan that is made before kubeadm has made one. */
export const COREFILE_TO_COME = '.:53 {\n    forward . /etc/resolv.conf\n    loop\n}\n';
