import { Failure } from '../engine/failure';
import type { CommandResult } from '../engine/host';
import type { SshTarget } from './ssh-connection';

/** ssh's own failure, told from a command that happens to end with 255 by what ssh says then. */
export const SSH_FAILED =
  /^(ssh: |kex_exchange_identification|ssh_exchange_identification|ssh_dispatch_run_fatal|Host key verification failed|Connection (closed|reset|timed out)|Timeout, server |client_loop: |packet_write_wait|mux_client|Control socket|Shared connection to |\S+: Permission denied|Received disconnect|Connection to \S+ )/m;

const HOST_KEY =
  /Host key verification failed|IDENTIFICATION HAS CHANGED|host key is known for|revoked|host key for .* differs/i;
const LOGIN =
  /Permission denied|Too many authentication failures|no mutual signature|UNPROTECTED PRIVATE KEY|Load key|Authentication failed/i;

/** Why ssh did not get to the host, or lost it. */
export function loginFailure(target: SshTarget, stderr: string, when: 'login' | 'during'): Failure {
  const { name, address, user, keyFile } = target;
  const command = `ssh ${keyFile === undefined ? '' : `-i ${keyFile} `}${user}@${address}`;
  const seen = linesOf(stderr);
  if (HOST_KEY.test(stderr)) return new Failure({ ...hostKey(name, address, command, stderr), seen });
  if (LOGIN.test(stderr)) {
    return new Failure({
      code: 'ssh-login',
      message: `${name} (${address}) does not let ${user} log in${keyFile === undefined ? '' : ` with the key ${keyFile}`}.`,
      hint: `Put root's public key of this host, or the one of --ssh-key, into ${user}'s ~/.ssh/authorized_keys on ${name}, until this works as root without a password: ${command}`,
      seen,
    });
  }
  return new Failure({
    code: 'ssh-unreachable',
    message:
      when === 'login'
        ? `${name} (${address}) cannot be reached with ssh.`
        : `The connection to ${name} (${address}) broke.`,
    hint:
      when === 'login'
        ? `See that ${name} runs, that sshd runs there and that port 22 is open from here. This must work: ${command}`
        : `What was begun there goes on to its end. Once this works again, retry: ${command}`,
    seen,
  });
}

function hostKey(
  name: string,
  address: string,
  command: string,
  stderr: string,
): { readonly code: string; readonly message: string; readonly hint: string } {
  const changed = /HAS CHANGED/.test(stderr);
  return {
    code: 'ssh-host-key',
    message: changed
      ? `${name} (${address}) shows another host key than before: it was made anew, or another host has its address.`
      : `The host key of ${name} (${address}) is not known here, so nobody can tell whether it is that host.`,
    hint: changed
      ? `If it was made anew, forget the old key (ssh-keygen -R ${address}), then connect once by hand as root and compare the new one: ${command}`
      : `Connect once by hand as root, compare the key that is shown with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), and accept it: ${command}`,
  };
}

/** Why a user who could log in cannot act as root. */
export function sudoFailure({ name, user }: SshTarget, stderr: string): Failure {
  return new Failure({
    code: 'ssh-sudo',
    message:
      user === 'root'
        ? `root can log in on ${name}, but cannot run programs there.`
        : `${user} can log in on ${name}, but cannot become root there with sudo without a password and a terminal.`,
    hint: `Let this work on ${name}: sudo -n true (in sudoers: "${user} ALL=(ALL) NOPASSWD: ALL", and no requiretty), or use --ssh-user root.`,
    seen: linesOf(stderr),
  });
}

/** Why a user who could log in cannot run anything: a shell such as nologin or a restricted one, or a command that sshd runs instead. */
export function shellFailure({ name, user }: SshTarget, { stdout, stderr }: CommandResult): Failure {
  return new Failure({
    code: 'ssh-shell',
    message: `${user} can log in on ${name}, but commands are not run there: the login shell or sshd does something else.`,
    hint: `On ${name}, give ${user} a shell such as /bin/bash (usermod -s /bin/bash ${user}), and take command= out of ${user}'s ~/.ssh/authorized_keys and ForceCommand out of sshd_config; or use another user with --ssh-user.`,
    seen: linesOf(`${stdout}\n${stderr}`),
  });
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^@+$/.test(line))
    .slice(-10);
}
