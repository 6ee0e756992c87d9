import type { HostReader } from '../../engine/host';
import { ask } from './ask';
import type { Flag } from './kubelet-arguments';

const REASON =
  /unknown (?:shorthand )?flag: .+|unknown command: .+|invalid argument .+|flag needs an argument: .+|bad flag syntax: .+/;

/**
 * Why the kubelet of this version, where it is installed, does not start with these flags; undefined where it does, or is another one.
 * It reads all of its flags before it prints its version, and does nothing else (Kubernetes: cmd/kubelet/app/server.go, NewKubeletCommand).
 */
export async function kubeletRefusal(
  host: HostReader,
  kubeVersion: string,
  flags: readonly Flag[],
): Promise<string | undefined> {
  if (flags.length === 0) return undefined;
  const version = await ask(host, 'kubelet', ['--version']);
  if (version.code !== 0 || version.stdout.trim() !== `Kubernetes v${kubeVersion}`) return undefined;
  const words = flags.flatMap(flag => flag.words.map(({ text }) => text));
  const { code, stdout, stderr } = await ask(host, 'kubelet', ['--version', ...words]);
  if (code === 0) return undefined;
  return REASON.exec(`${stderr}\n${stdout}`)?.[0] ?? `it ends with exit code ${code}`;
}
