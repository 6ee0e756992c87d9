package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// zoneServer is what one server block answers.
type zoneServer struct {
	zones      []string
	port       string
	kubernetes []string // zones, the cluster domain first
	passesOn   []string
	forward    *forwarder
	loop       *loop
}

// settings are what the whole Corefile says.
type settings struct {
	servers  []*zoneServer
	domain   string
	health   string // address, "" where no block names the plugin
	lameduck time.Duration
	ready    string
	reload   time.Duration
}

func normal(zone string) string {
	return strings.ToLower(strings.TrimSuffix(zone, ".")) + "."
}

// within says whether a name is a zone's, both with a dot at the end.
func within(name, zone string) bool {
	return zone == "." || name == zone || strings.HasSuffix(name, "."+zone)
}

func withinAny(name string, zones []string) bool {
	for _, zone := range zones {
		if within(name, zone) {
			return true
		}
	}
	return false
}

// plugin puts its name before an error, as CoreDNS' plugin.Error does.
func plugin(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("plugin/%s: %w", name, err)
}

// read is all that CoreDNS does with a Corefile before it answers, with its errors.
func read(path, text, defaultPort string) (*settings, error) {
	c, blocks, err := parse(path, text)
	if err != nil {
		return nil, err
	}
	s := &settings{}
	for _, each := range blocks {
		server := &zoneServer{port: defaultPort}
		for _, key := range each.keys {
			zone := strings.TrimPrefix(key, "dns://")
			if at := strings.LastIndex(zone, ":"); at >= 0 {
				zone, server.port = zone[:at], zone[at+1:]
			}
			server.zones = append(server.zones, normal(zone))
		}
		s.servers = append(s.servers, server)
		seen := map[string]bool{}
		for _, directive := range each.directives {
			name := directive.name.text
			setup, done := setups[name]
			if !done {
				continue
			}
			if seen[name] && name != "kubernetes" {
				return nil, plugin(name, fmt.Errorf("this plugin can only be used once per Server Block"))
			}
			seen[name] = true
			if err := setup(c, directive, s, server); err != nil {
				return nil, plugin(name, err)
			}
		}
	}
	return s, nil
}

type setup func(c *corefile, d statement, s *settings, server *zoneServer) error

var setups = map[string]setup{
	"kubernetes": setupKubernetes,
	"forward":    setupForward,
	"health":     setupHealth,
	"ready": func(c *corefile, d statement, s *settings, _ *zoneServer) error {
		var err error
		s.ready, err = address(c, d, ":8181")
		return err
	},
	"loop": func(c *corefile, d statement, _ *settings, server *zoneServer) error {
		if len(d.args) > 0 {
			return c.argErr(d)
		}
		server.loop = newLoop(server.zones[0])
		return nil
	},
	"reload": func(c *corefile, d statement, s *settings, _ *zoneServer) error {
		s.reload = 30 * time.Second
		if len(d.args) == 0 {
			return nil
		}
		var err error
		s.reload, err = time.ParseDuration(d.args[0])
		return err
	},
}

// address is the only argument of a plugin that listens, or what it has without one.
func address(c *corefile, d statement, without string) (string, error) {
	if len(d.args) > 1 {
		return "", c.argErr(d)
	}
	if len(d.args) == 0 {
		return without, nil
	}
	_, _, err := net.SplitHostPort(d.args[0])
	return d.args[0], err
}

func setupHealth(c *corefile, d statement, s *settings, _ *zoneServer) error {
	var err error
	if s.health, err = address(c, d, ":8080"); err != nil {
		return err
	}
	for _, each := range d.body {
		if each.name.text != "lameduck" || len(each.args) != 1 {
			return c.argErr(each)
		}
		if s.lameduck, err = time.ParseDuration(each.args[0]); err != nil {
			return fmt.Errorf("unable to parse lameduck duration value: '%v' : %v", each.args[0], err)
		}
	}
	return nil
}

// What 1.7 takes in the block; upstream and resyncperiod are gone from there (coredns, plugin/kubernetes/setup.go).
var kubernetesProperties = strings.Fields(`endpoint_pod_names pods namespaces endpoint tls labels namespace_labels
	fallthrough ttl transfer noendpoints ignore kubeconfig`)

func setupKubernetes(c *corefile, d statement, s *settings, server *zoneServer) error {
	for _, zone := range d.args {
		server.kubernetes = append(server.kubernetes, normal(zone))
	}
	if len(d.args) == 0 {
		server.kubernetes = server.zones
	}
	for _, each := range d.body {
		if !contains(kubernetesProperties, each.name.text) {
			return c.fail(each.name.line, "unknown property '%s'", each.name.text)
		}
		if each.name.text == "pods" && len(each.args) == 1 && !contains([]string{"disabled", "insecure", "verified"}, each.args[0]) {
			return fmt.Errorf("wrong value for pods: %s,  must be one of: disabled, verified, insecure", each.args[0])
		}
		if each.name.text == "fallthrough" {
			server.passesOn = []string{"."}
			if len(each.args) > 0 {
				server.passesOn = nil
			}
			for _, zone := range each.args {
				server.passesOn = append(server.passesOn, normal(zone))
			}
		}
	}
	s.domain = strings.TrimSuffix(server.kubernetes[0], ".")
	return nil
}

// What 1.7 takes in the block, with how many words each has (coredns, plugin/forward/setup.go).
var forwardProperties = map[string]int{
	"except": -1, "max_fails": 1, "health_check": -1, "force_tcp": 0, "prefer_udp": 0, "tls": -1,
	"tls_servername": 1, "expire": 1, "policy": 1, "max_concurrent": 1,
}

func setupForward(c *corefile, d statement, _ *settings, server *zoneServer) error {
	if len(d.args) < 2 {
		return c.argErr(d)
	}
	f := &forwarder{from: normal(d.args[0])}
	for _, to := range d.args[1:] {
		servers, err := upstreams(to)
		if err != nil {
			return err
		}
		f.to = append(f.to, servers...)
	}
	if len(f.to) == 0 {
		return fmt.Errorf("no nameservers found")
	}
	if len(f.to) > 15 {
		return fmt.Errorf("more than 15 TOs configured: %d", len(f.to))
	}
	for _, each := range d.body {
		words, known := forwardProperties[each.name.text]
		if !known {
			return c.fail(each.name.line, "unknown property '%s'", each.name.text)
		}
		if (words >= 0 && len(each.args) != words) || (each.name.text == "except" && len(each.args) == 0) {
			return c.argErr(each)
		}
		switch each.name.text {
		case "except":
			for _, zone := range each.args {
				f.except = append(f.except, normal(zone))
			}
		case "force_tcp":
			f.overTCP = true
		case "policy":
			if !contains([]string{"random", "round_robin", "sequential"}, each.args[0]) {
				return c.fail(each.name.line, "unknown policy '%s'", each.args[0])
			}
			f.inOrder = each.args[0] == "sequential"
		case "max_fails", "max_concurrent":
			if _, err := strconv.Atoi(each.args[0]); err != nil {
				return err
			}
		}
	}
	server.forward = f
	return nil
}

// upstreams are an address, or the nameservers of a file like resolv.conf (coredns, plugin/pkg/parse/host.go).
func upstreams(to string) ([]string, error) {
	plain := strings.TrimPrefix(to, "dns://")
	if host, _, err := net.SplitHostPort(plain); err == nil && net.ParseIP(host) != nil {
		return []string{plain}, nil
	}
	if net.ParseIP(plain) != nil {
		return []string{net.JoinHostPort(plain, "53")}, nil
	}
	text, err := os.ReadFile(plain)
	if err != nil {
		return nil, fmt.Errorf("not an IP address or file: %q", plain)
	}
	var servers []string
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == "nameserver" {
			servers = append(servers, net.JoinHostPort(words[1], "53"))
		}
	}
	return servers, nil
}
