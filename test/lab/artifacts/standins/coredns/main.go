// The lab's stand-in for CoreDNS: a DNS server that answers for Kubernetes services and forwards other names.
// It reads the Corefile as CoreDNS 1.7 does and ends where that one ends, with the same words; of the plugins it
// does kubernetes, forward, loop, health, ready and reload, and takes the others without doing anything.
package main

import (
	"flag"
	"log"
	"math/rand"
	"net"
	"os"
	"time"

	"lab/standins/cluster"
)

func main() {
	log.SetOutput(os.Stdout)
	log.SetFlags(0)
	log.Print("this is the lab's stand-in for CoreDNS, not CoreDNS")
	rand.Seed(time.Now().UnixNano())
	conf := flag.String("conf", "Corefile", "the Corefile")
	port := flag.String("dns.port", "53", "the port of a zone that names none")
	flag.Parse()
	text, err := os.ReadFile(*conf)
	if err != nil {
		log.Fatal(err)
	}
	found, err := read(*conf, string(text), *port)
	if err != nil {
		log.Fatal(err)
	}

	s := &server{settings: found, ends: func(err error) { log.Fatalf("[FATAL] %v", err) }}
	failed := make(chan error, 1)
	run := func(what func() error) { go func() { failed <- what() }() }
	if found.health != "" {
		run(func() error { return serve(found.health, "/health", func() bool { return true }) })
	}
	if found.ready != "" {
		ready := func() bool { return found.domain == "" || s.names.Load() != nil }
		run(func() error { return serve(found.ready, "/ready", ready) })
	}
	if found.domain != "" {
		client, err := cluster.New()
		if err != nil {
			log.Fatalf("plugin/kubernetes: %v", err)
		}
		go client.Follow([]string{"/api/v1/services", "/api/v1/endpoints"}, func() error { return s.read(client) })
	}
	if found.reload > 0 {
		go reloadWhenChanged(*conf, string(text), *port, found.reload)
	}
	go endWhenTold(found.lameduck)
	ports := map[string]bool{}
	for _, each := range found.servers {
		if !ports[each.port] {
			ports[each.port] = true
			s.listen(each.port, run)
		}
	}
	for _, each := range found.servers {
		log.Printf("%s:%s", each.zones[0], each.port)
		if each.loop != nil {
			go each.loop.probe(each.port)
		}
	}
	log.Fatal(<-failed)
}

func (s *server) listen(port string, run func(func() error)) {
	packets, err := net.ListenPacket("udp", ":"+port)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		log.Fatal(err)
	}
	run(func() error { return s.overUDP(packets, port) })
	run(func() error { return s.overTCP(listener, port) })
}
