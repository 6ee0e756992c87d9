package main

import (
	"encoding/json"
	"net"
	"reflect"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

const domain = "cluster.example"

func known(t *testing.T) map[string][][4]byte {
	t.Helper()
	var found services
	var behind endpoints
	for text, into := range map[string]interface{}{
		`{"items":[
			{"metadata":{"name":"web","namespace":"default"},"spec":{"clusterIP":"10.96.0.7"}},
			{"metadata":{"name":"db","namespace":"shop"},"spec":{"clusterIP":"None"}}]}`: &found,
		`{"items":[
			{"metadata":{"name":"web","namespace":"default"},"subsets":[{"addresses":[{"ip":"10.244.0.9"}]}]},
			{"metadata":{"name":"db","namespace":"shop"},"subsets":[{"addresses":[
				{"ip":"10.244.0.2","hostname":"db-0"},{"ip":"10.244.1.2"}]}]}]}`: &behind,
	} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	return namesOf(domain, found, behind)
}

func TestNames(t *testing.T) {
	names := known(t)
	for name, want := range map[string][][4]byte{
		"web.default.svc." + domain:  {{10, 96, 0, 7}},
		"db.shop.svc." + domain:      {{10, 244, 0, 2}, {10, 244, 1, 2}},
		"db-0.db.shop.svc." + domain: {{10, 244, 0, 2}},
		"shop.svc." + domain:         nil,
	} {
		if got, ok := names[name]; !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v (known: %v), want %v", name, got, ok, want)
		}
	}
	if _, ok := names["db.default.svc."+domain]; ok {
		t.Error("a service is known in a namespace that is not its own")
	}
}

// serverOf is one with a Corefile whose kubernetes block is `kubernetes DOMAIN in-addr.arpa`.
func serverOf(t *testing.T, more string) *server {
	t.Helper()
	found, err := read("/etc/coredns/Corefile", ".:53 {\nkubernetes "+domain+" in-addr.arpa {\nfallthrough in-addr.arpa\n}\n"+more+"\n}\n", "53")
	if err != nil {
		t.Fatal(err)
	}
	return &server{settings: found, ends: func(err error) { t.Error(err) }}
}

func packed(t *testing.T, name string, kind dnsmessage.Type) []byte {
	t.Helper()
	question := dnsmessage.Question{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}
	query := dnsmessage.Message{Header: dnsmessage.Header{ID: 7}, Questions: []dnsmessage.Question{question}}
	bytes, err := query.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

func ask(t *testing.T, s *server, name string, kind dnsmessage.Type) dnsmessage.Message {
	t.Helper()
	answer, err := s.answer(packed(t, name, kind), &net.UDPAddr{}, "53", false)
	if err != nil {
		t.Fatal(err)
	}
	var reply dnsmessage.Message
	if err := reply.Unpack(answer); err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestAnswers(t *testing.T) {
	s := serverOf(t, "")
	if early := ask(t, s, "web.default.svc."+domain+".", dnsmessage.TypeA); early.RCode != dnsmessage.RCodeServerFailure {
		t.Errorf("before the services are read: %v", early.RCode)
	}
	s.names.Store(known(t))
	reply := ask(t, s, "WEB.default.svc."+domain+".", dnsmessage.TypeA)
	if len(reply.Answers) != 1 || reply.Answers[0].Body.(*dnsmessage.AResource).A != [4]byte{10, 96, 0, 7} {
		t.Errorf("A: %v", reply.Answers)
	}
	// A resolver that asks for AAAA too must not be told that the name does not exist.
	reply = ask(t, s, "web.default.svc."+domain+".", dnsmessage.TypeAAAA)
	if reply.RCode != dnsmessage.RCodeSuccess || len(reply.Answers) != 0 {
		t.Errorf("AAAA: %v %v", reply.RCode, reply.Answers)
	}
	if reply = ask(t, s, "no.default.svc."+domain+".", dnsmessage.TypeA); reply.RCode != dnsmessage.RCodeNameError {
		t.Errorf("a service that is not there: %v", reply.RCode)
	}
	if reply = ask(t, s, "example.org.", dnsmessage.TypeA); reply.RCode != dnsmessage.RCodeServerFailure {
		t.Errorf("a foreign name without forward: %v", reply.RCode)
	}
}
