import type { HostReader } from '../engine/host';

/** Whether the kubelet of a host runs, by its systemd. */
export async function kubeletRuns(host: HostReader): Promise<boolean> {
  const { code } = await host.query({ file: 'systemctl', args: ['is-active', '--quiet', 'kubelet.service'] });
  return code === 0;
}
