package main

import (
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// upstream answers every query with one address, and tells its own.
func upstream(t *testing.T) string {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { packets.Close() })
	go func() {
		buffer := make([]byte, 4096)
		for {
			size, client, err := packets.ReadFrom(buffer)
			if err != nil {
				return
			}
			var parser dnsmessage.Parser
			header, _ := parser.Start(buffer[:size])
			question, _ := parser.Question()
			answer, _ := reply(header, question, dnsmessage.RCodeSuccess, [][4]byte{{192, 0, 2, 7}})
			packets.WriteTo(answer, client)
		}
	}()
	return packets.LocalAddr().String()
}

func TestForwards(t *testing.T) {
	s := serverOf(t, "forward . "+upstream(t)+" {\nexcept example.net\n}")
	s.names.Store(known(t))
	for name, want := range map[string]int{"example.org.": 1, "www.example.net.": 0, "no.default.svc." + domain + ".": 0, "7.2.0.192.in-addr.arpa.": 1} {
		if got := ask(t, s, name, dnsmessage.TypeA); len(got.Answers) != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLoopIsFound(t *testing.T) {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	_, port, _ := net.SplitHostPort(packets.LocalAddr().String())
	found, err := read("Corefile", ". {\nloop\nforward . 127.0.0.1:"+port+"\n}\n", port)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 10)
	s := &server{settings: found, ends: func(err error) { ended <- err }}
	go s.overUDP(packets, port)
	go found.servers[0].loop.probe(port)
	select {
	case err := <-ended:
		for _, part := range []string{"plugin/loop: Loop (127.0.0.1:", " -> :" + port + `) detected for zone "."`, `Query: "HINFO `} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%v lacks %s", err, part)
			}
		}
		found.servers[0].loop.mutex.Lock()
		found.servers[0].loop.off = true
		found.servers[0].loop.mutex.Unlock()
	case <-time.After(20 * time.Second):
		t.Error("no loop was found")
	}
}

func TestNoLoopIsFoundBehindAnotherServer(t *testing.T) {
	s := serverOf(t, "loop\nforward . "+upstream(t))
	s.names.Store(known(t))
	name := s.settings.servers[0].loop.name
	for range []int{1, 2} {
		ask(t, s, name, dnsmessage.TypeHINFO)
	}
	if seen := s.settings.servers[0].loop.seen; seen != 2 {
		t.Errorf("seen %d times", seen)
	}
}
