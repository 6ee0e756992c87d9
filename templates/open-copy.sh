# Has etcd open a copy of its data, without a network, and prints how far it goes ("revision").
# Arguments: the data (…/member), a place for the copy, etcd's image, the member's name, the log's newest file
# below the data, where in it the log ends, a record to put there (octal, may be empty), for how many seconds to wait.
# Ends with 7 where etcd ended (its log is printed), 8 where it did not come up in time,
# 9 where there is no room (MiB needed and free are printed).
set -eu
data=$1 place=$2 image=$3 name=$4 log=$5 end=$6 record=$7 seconds=$8
container=kube-el7-install-opened

clear_up() {
  docker rm --force "$container" >/dev/null 2>&1 || :
  rm -rf "$place"
}
trap clear_up EXIT
trap 'exit 143' HUP INT TERM
clear_up

# etcd sets files for its log aside, 64 MB each, and writes a little itself.
need=$(($(du -sk "$data" | cut -f 1) / 1024 + 192))
free=$(($(df -Pk "${place%/*}" | awk 'NR == 2 { print $4 }') / 1024))
if [ "$free" -lt "$need" ]; then
  echo "$need $free"
  exit 9
fi

mkdir -p -m 700 "$place"
cp --archive --reflink=auto "$data" "$place/member"
rm -f "$place"/member/wal/*.tmp
if [ -n "$record" ]; then
  truncate --size="$end" "$place/member/$log"
  printf "$record" >>"$place/member/$log"
fi

peers=http://127.0.0.1:2380
clients=http://127.0.0.1:2379
docker run --detach --name "$container" --network none --env ETCDCTL_API=3 --volume "$place:$place" \
  --entrypoint etcd "$image" --name="$name" --data-dir="$place" --force-new-cluster \
  --initial-cluster="$name=$peers" --listen-peer-urls="$peers" --initial-advertise-peer-urls="$peers" \
  --listen-client-urls="$clients" --advertise-client-urls="$clients" >/dev/null

until=$(($(date +%s) + seconds))
while [ "$(date +%s)" -lt "$until" ]; do
  if [ "$(docker inspect --format '{{.State.Running}}' "$container")" != true ]; then
    docker logs --tail 5000 "$container" 2>&1
    exit 7
  fi
  if docker exec "$container" etcdctl --endpoints="$clients" --dial-timeout=1s endpoint health >/dev/null 2>&1; then
    docker exec "$container" etcdctl --endpoints="$clients" endpoint status --write-out=json
    exit 0
  fi
  sleep 0.3
done
exit 8
