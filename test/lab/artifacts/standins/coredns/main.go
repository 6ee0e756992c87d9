// The lab's stand-in for CoreDNS: a DNS server that answers for Kubernetes services.
// It takes the same -conf argument and reads the cluster domain from the Corefile;
// everything else that a Corefile can say is ignored, and no name is forwarded.
package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"lab/standins/cluster"
)

// domainOf finds the first zone of the Corefile's kubernetes block.
func domainOf(corefile string) (string, error) {
	for _, line := range strings.Split(corefile, "\n") {
		words := strings.Fields(line)
		if len(words) >= 2 && words[0] == "kubernetes" && words[1] != "{" {
			return strings.ToLower(strings.Trim(words[1], ".")), nil
		}
	}
	return "", errors.New("the Corefile has no `kubernetes DOMAIN` line")
}

type server struct {
	domain string
	names  atomic.Value // map[string][][4]byte
}

func (s *server) answer(query []byte) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(strings.TrimSuffix(question.Name.String(), "."))
	names, read := s.names.Load().(map[string][][4]byte)
	addresses, known := names[name]

	reply := dnsmessage.Header{
		ID: header.ID, Response: true, OpCode: header.OpCode, RecursionDesired: header.RecursionDesired,
		RecursionAvailable: true, Authoritative: true,
	}
	if !read {
		reply.RCode = dnsmessage.RCodeServerFailure
	} else if !known {
		reply.RCode = dnsmessage.RCodeNameError
	}
	builder := dnsmessage.NewBuilder(make([]byte, 0, 512), reply)
	builder.EnableCompression()
	if err := builder.StartQuestions(); err != nil {
		return nil, err
	}
	if err := builder.Question(question); err != nil {
		return nil, err
	}
	if err := builder.StartAnswers(); err != nil {
		return nil, err
	}
	if question.Type == dnsmessage.TypeA || question.Type == dnsmessage.TypeALL {
		for _, address := range addresses {
			record := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 5}
			if err := builder.AResource(record, dnsmessage.AResource{A: address}); err != nil {
				return nil, err
			}
		}
	}
	return builder.Finish()
}

func (s *server) overUDP(connection net.PacketConn) error {
	buffer := make([]byte, 4096)
	for {
		size, client, err := connection.ReadFrom(buffer)
		if err != nil {
			return err
		}
		reply, err := s.answer(buffer[:size])
		if err != nil {
			log.Printf("a query of %v: %v", client, err)
			continue
		}
		if _, err := connection.WriteTo(reply, client); err != nil {
			log.Printf("answering %v: %v", client, err)
		}
	}
}

func (s *server) overTCP(listener net.Listener) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			for {
				if err := connection.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
					return
				}
				var length uint16
				if err := binary.Read(connection, binary.BigEndian, &length); err != nil {
					return
				}
				query := make([]byte, length)
				if _, err := io.ReadFull(connection, query); err != nil {
					return
				}
				reply, err := s.answer(query)
				if err != nil {
					return
				}
				prefixed := append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)
				if _, err := connection.Write(prefixed); err != nil {
					return
				}
			}
		}()
	}
}

// serve answers 200 on one path, or 503 while ok says no.
func serve(address, path string, ok func() bool) error {
	mux := http.NewServeMux()
	mux.HandleFunc(path, func(writer http.ResponseWriter, _ *http.Request) {
		if !ok() {
			http.Error(writer, "the services have not been read yet", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(writer, "OK")
	})
	return http.ListenAndServe(address, mux)
}

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	log.Print("this is the lab's stand-in for CoreDNS, not CoreDNS: it answers for services only")
	conf := flag.String("conf", "Corefile", "the Corefile")
	port := flag.String("dns.port", "53", "the port to answer on")
	flag.Parse()
	text, err := os.ReadFile(*conf)
	if err != nil {
		log.Fatal(err)
	}
	domain, err := domainOf(string(text))
	if err != nil {
		log.Fatal(err)
	}
	client, err := cluster.New()
	if err != nil {
		log.Fatal(err)
	}

	s := &server{domain: domain}
	ready := func() bool { return s.names.Load() != nil }
	failed := make(chan error, 1)
	run := func(what func() error) { go func() { failed <- what() }() }
	run(func() error { return serve(":8080", "/health", func() bool { return true }) })
	run(func() error { return serve(":8181", "/ready", ready) })
	packets, err := net.ListenPacket("udp", ":"+*port)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", ":"+*port)
	if err != nil {
		log.Fatal(err)
	}
	run(func() error { return s.overUDP(packets) })
	run(func() error { return s.overTCP(listener) })
	go client.Follow([]string{"/api/v1/services", "/api/v1/endpoints"}, func() error { return s.read(client) })
	log.Printf("answering for %s on port %s", domain, *port)
	log.Fatal(<-failed)
}
