/** The addresses that a hosts file gives to a name, in the order of its lines. */
export function addressesIn(hosts: string, name: string): readonly string[] {
  return hosts.split('\n').flatMap(line => {
    const [address, ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    return address !== undefined && names.includes(name) ? [address] : [];
  });
}

/**
 * What is wrong with "localhost" there: kubeadm asks the kubelet's health at it and the kubelet listens at it (kubeadm#1292), and without
 * a line it goes the way of any other name, to the site's DNS. Undefined where it is this host itself.
 */
export function localhostFault(hosts: string): 'absent' | { readonly address: string } | undefined {
  const addresses = addressesIn(hosts, 'localhost').filter(address => !address.includes(':'));
  const [address] = addresses;
  if (address === undefined) return 'absent';
  // Of several each is tried.
  return addresses.includes('127.0.0.1') ? undefined : { address };
}
