#!/bin/sh
# check-apiserver.sh [ADDRESS...]: whether this master may have the VIP; keepalived asks every five seconds. Written by kube-el7-install.
# ADDRESS: the other masters. It gives the VIP up only where its own apiserver is certainly not well and another one is: where all are sick nobody moves.
# WORK is where it notes what it has seen. keepalived 1.3.5, and 2.1 to 2.2, starts it once more although it still runs
# (vrrp_script_thread of vrrp_scheduler.c): that does no harm.
work=${WORK:-/run/kube-el7-install}

# well SECONDS ADDRESS. One whose etcd does not answer says so after two seconds (DefaultHealthcheckTimeout of k8s.io/apiserver).
# Not /readyz nor /livez: etcd has no part in those of 1.16 (kubernetes/kubernetes#82712), and without its etcd an apiserver is none.
well() {
  curl --silent --fail --max-time "$1" --output /dev/null --noproxy '*' \
    --cacert /etc/kubernetes/pki/ca.crt "https://$2:6443/healthz"
}

# Right now: all are asked at once, and have two seconds.
another_is_well() {
  asked=
  for one in "$@"; do
    well 2 "$one" &
    asked="$asked $!"
  done
  for one in $asked; do wait "$one" && return 0; done
  return 1
}

give_up() {
  another_is_well "$@" || exit 0
  if [ "$state" != new ]; then
    # Where all were sick until now, this one may be well again too.
    [ "$state" = well ] && well 2 127.0.0.1 && exit 0
    echo given-up >"$work/state"
  fi
  exit 1
}

# new: not well since the pod began. given-up: well before, and a candidate again after three good answers in a row.
state=new
[ ! -e "$work/state" ] || read -r state <"$work/state"
good=0 refused=0 seconds=4
while :; do
  well "$seconds" 127.0.0.1
  case $? in
  0)
    good=$((good + 1))
    [ "$state" = given-up ] && [ "$good" -lt 3 ] || break
    ;;
  # Nobody listens, which is certain as soon as it stays so for two seconds.
  7)
    good=0 refused=$((refused + 1))
    [ "$state" = well ] && [ "$refused" -lt 3 ] || give_up "$@"
    ;;
  # No answer in time, or one that says that it is not well: it may only be busy, so three checks in a row must say so.
  *)
    [ "$state" = well ] || give_up "$@"
    slow=0
    [ ! -s "$work/slow" ] || read -r slow <"$work/slow"
    slow=$((slow + 1))
    echo "$slow" >"$work/slow"
    [ "$slow" -lt 3 ] || give_up "$@"
    exit 0
    ;;
  esac
  seconds=2
  sleep 1
done
[ "$state" = well ] || echo well >"$work/state"
[ ! -s "$work/slow" ] || : >"$work/slow"
exit 0
