package main

import (
	"log"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

type server struct {
	settings *settings
	names    atomic.Value // map[string][][4]byte
	// What ends it where a query has come round.
	ends func(error)
}

// block is the one with the longest of the zones that a name is in.
func (s *server) block(name, port string) *zoneServer {
	var found *zoneServer
	longest := 0
	for _, each := range s.settings.servers {
		for _, zone := range each.zones {
			if each.port == port && within(name, zone) && len(zone) > longest {
				found, longest = each, len(zone)
			}
		}
	}
	return found
}

// answer goes through the plugins in CoreDNS' order: kubernetes, loop, forward.
func (s *server) answer(query []byte, client net.Addr, port string, overTCP bool) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(question.Name.String())
	block := s.block(name, port)
	if block == nil {
		return reply(header, question, dnsmessage.RCodeRefused, nil)
	}
	if withinAny(name, block.kubernetes) {
		names, read := s.names.Load().(map[string][][4]byte)
		if !read {
			return reply(header, question, dnsmessage.RCodeServerFailure, nil)
		}
		addresses, known := names[strings.TrimSuffix(name, ".")]
		if known {
			return reply(header, question, dnsmessage.RCodeSuccess, addresses)
		}
		if !withinAny(name, block.passesOn) {
			return reply(header, question, dnsmessage.RCodeNameError, nil)
		}
	}
	if block.loop != nil {
		if err := block.loop.counts(name, question.Type, client, port); err != nil {
			s.ends(err)
		}
	}
	if block.forward == nil || !block.forward.takes(name) {
		log.Printf("[ERROR] plugin/errors: 2 %s %s: plugin/loop: no next plugin found", name, shortType(question.Type))
		return reply(header, question, dnsmessage.RCodeServerFailure, nil)
	}
	forwarded, err := block.forward.ask(query, overTCP)
	if err != nil {
		log.Printf("[ERROR] plugin/errors: 2 %s %s: %v", name, shortType(question.Type), err)
		return reply(header, question, dnsmessage.RCodeServerFailure, nil)
	}
	return forwarded, nil
}

func shortType(kind dnsmessage.Type) string { return strings.TrimPrefix(kind.String(), "Type") }

// reply is an answer of this server's own.
func reply(asked dnsmessage.Header, question dnsmessage.Question, code dnsmessage.RCode, addresses [][4]byte) ([]byte, error) {
	header := dnsmessage.Header{
		ID: asked.ID, Response: true, OpCode: asked.OpCode, RecursionDesired: asked.RecursionDesired,
		RecursionAvailable: true, Authoritative: true, RCode: code,
	}
	message := dnsmessage.Message{Header: header, Questions: []dnsmessage.Question{question}}
	if question.Type == dnsmessage.TypeA || question.Type == dnsmessage.TypeALL {
		for _, address := range addresses {
			record := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 5}
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: record, Body: &dnsmessage.AResource{A: address}})
		}
	}
	return message.Pack()
}

func (s *server) overUDP(connection net.PacketConn, port string) error {
	for {
		buffer := make([]byte, 4096)
		size, client, err := connection.ReadFrom(buffer)
		if err != nil {
			return err
		}
		// Each by itself: one that is forwarded may wait, and a query of this server's own may come back meanwhile.
		go func() {
			reply, err := s.answer(buffer[:size], client, port, false)
			if err != nil {
				log.Printf("a query of %v: %v", client, err)
				return
			}
			if _, err := connection.WriteTo(reply, client); err != nil {
				log.Printf("answering %v: %v", client, err)
			}
		}()
	}
}

func (s *server) overTCP(listener net.Listener, port string) error {
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
				query, err := readMessage(connection)
				if err != nil {
					return
				}
				reply, err := s.answer(query, connection.RemoteAddr(), port, true)
				if err != nil || writeMessage(connection, reply) != nil {
					return
				}
			}
		}()
	}
}
