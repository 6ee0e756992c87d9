import type { LabHost } from '../lab/lab';

const TIMES = 50;

/** Writes a little and has it synced again and again, as etcd does for each write; prints milliseconds. In perl, which every host has. */
const program = `
my $path = "/var/lib/etcd/.bench-fsync";
open(my $file, ">", $path) or die $!;
for (1..${String(TIMES)}) {
  syswrite($file, "x" x 512) or die $!;
  my $begun = time;
  $file->sync or die $!;
  printf("%.3f\\n", (time - $begun) * 1000);
}
unlink $path;
`;

/** How many milliseconds each fsync really takes where a host keeps etcd. */
export async function fsyncTimes(host: LabHost): Promise<readonly number[]> {
  const said = await host.succeed('perl -MTime::HiRes=time -MIO::Handle -', { input: program });
  return said.trim().split('\n').map(Number);
}
