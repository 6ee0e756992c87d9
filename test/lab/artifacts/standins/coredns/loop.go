package main

import (
	"fmt"
	"math/rand"
	"net"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// loop asks this server for a name that nobody has, and ends it when that query comes back a third time
// (coredns, plugin/loop): the upstream then is this server itself, or leads to it.
type loop struct {
	zone, name string

	mutex sync.Mutex
	seen  int
	off   bool
}

func newLoop(zone string) *loop {
	suffix := "." + zone
	if zone == "." {
		suffix = "."
	}
	return &loop{zone: zone, name: fmt.Sprintf("%d.%d%s", rand.Int63(), rand.Int63(), suffix)}
}

// counts says, of each query, whether it closes a loop; with what CoreDNS says then.
func (l *loop) counts(name string, kind dnsmessage.Type, client net.Addr, port string) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if kind != dnsmessage.TypeHINFO || l.off || name != l.name {
		return nil
	}
	l.seen++
	if l.seen <= 2 {
		return nil
	}
	return fmt.Errorf("plugin/loop: Loop (%s -> :%s) detected for zone %q, see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO %s\"",
		client, port, l.zone, l.name)
}

// probe sends the query until it is answered, for half a minute at most, and looks two seconds longer.
func (l *loop) probe(port string) {
	name, err := dnsmessage.NewName(l.name)
	if err != nil {
		return
	}
	question := dnsmessage.Question{Name: name, Type: dnsmessage.TypeHINFO, Class: dnsmessage.ClassINET}
	query := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: uint16(rand.Intn(1 << 16)), RecursionDesired: true},
		Questions: []dnsmessage.Question{question},
	}
	packed, err := query.Pack()
	if err != nil {
		return
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Second) {
		if _, err := exchange(net.JoinHostPort("127.0.0.1", port), packed, false); err == nil {
			time.Sleep(2 * time.Second)
			break
		}
		l.mutex.Lock()
		l.seen = 0
		l.mutex.Unlock()
	}
	l.mutex.Lock()
	l.off = true
	l.mutex.Unlock()
}
