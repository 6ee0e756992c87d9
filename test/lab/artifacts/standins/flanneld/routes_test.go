package main

import (
	"net"
	"reflect"
	"testing"
)

// A table as /proc/net/route shows it on a host of the lab: the default route, the node's
// own pods on cni0 (no gateway), and two other nodes' pods, one within the pod network.
const table = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
host0	00000000	0109A00A	0003	0	0	0	00000000	0	0	0
cni0	0000F40A	00000000	0001	0	0	0	00FFFFFF	0	0	0
host0	0001F40A	0C09A00A	0003	0	0	0	00FFFFFF	0	0	0
host0	0001A8C0	0C09A00A	0003	0	0	0	00FFFFFF	0	0	0
`

func TestPresent(t *testing.T) {
	_, whole, _ := net.ParseCIDR("10.244.0.0/16")
	want := map[string]string{"10.244.1.0/24": "10.160.9.12"}
	if got := present(table, whole); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
