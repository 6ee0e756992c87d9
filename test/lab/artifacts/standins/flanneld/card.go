package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"regexp"
	"strings"
)

// card is the one that packets between nodes go over.
type card struct {
	name      string
	address   string
	mtu       int
	announced string
}

type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

// wishes are flannel's flags about cards.
type wishes struct {
	names, patterns list
	announced       string
}

// found is a card as the kernel has it, with its IPv4 addresses.
type found struct {
	name      string
	mtu       int
	addresses []string
}

// host is where cards and routes are read.
type host struct {
	cards func() ([]found, error)
	// The kernel's main table, as /proc/net/route has it.
	routes func() (string, error)
}

var theHost = host{
	cards: func() ([]found, error) {
		interfaces, err := net.Interfaces()
		if err != nil {
			return nil, err
		}
		var all []found
		for _, each := range interfaces {
			one := found{name: each.Name, mtu: each.MTU}
			addresses, err := each.Addrs()
			if err != nil {
				return nil, err
			}
			for _, address := range addresses {
				if ip, ok := address.(*net.IPNet); ok && ip.IP.To4() != nil {
					one.addresses = append(one.addresses, ip.IP.String())
				}
			}
			all = append(all, one)
		}
		return all, nil
	},
	routes: func() (string, error) {
		text, err := os.ReadFile("/proc/net/route")
		return string(text), err
	},
}

// choose goes by flannel's rules (flannel 0.14, main.go: what --iface names, then --iface-regex, else the card of the
// default route), and says what flannel says.
func choose(h host, wish wishes) (card, error) {
	if len(wish.names) == 0 && len(wish.patterns) == 0 {
		log.Print("Determining IP address of default interface")
		chosen, err := lookUp(h, wish, byDefaultRoute)
		if err != nil {
			return card{}, fmt.Errorf("Failed to find any valid interface to use: %w", err)
		}
		return chosen, nil
	}
	for _, name := range wish.names {
		chosen, err := lookUp(h, wish, func(h host, all []found) (found, string, error) { return byName(all, name) })
		if err == nil {
			return chosen, nil
		}
		log.Printf("Could not find valid interface matching %s: %v", name, err)
	}
	for _, pattern := range wish.patterns {
		chosen, err := lookUp(h, wish, func(h host, all []found) (found, string, error) { return byPattern(all, pattern) })
		if err == nil {
			return chosen, nil
		}
		log.Printf("Could not find valid interface matching %s: %v", pattern, err)
	}
	return card{}, errors.New("Failed to find interface to use that matches the interfaces and/or regexes provided")
}

func lookUp(h host, wish wishes, by func(host, []found) (found, string, error)) (card, error) {
	all, err := h.cards()
	if err != nil {
		return card{}, err
	}
	one, address, err := by(h, all)
	if err != nil {
		return card{}, err
	}
	if address == "" {
		if address = own(one); address == "" {
			return card{}, fmt.Errorf("failed to find IPv4 address for interface %s", one.name)
		}
	}
	log.Printf("Using interface with name %s and address %s", one.name, address)
	if one.mtu == 0 {
		return card{}, fmt.Errorf("failed to determine MTU for %s interface", address)
	}
	if wish.announced == "" {
		log.Printf("Defaulting external address to interface address (%s)", address)
		return card{one.name, address, one.mtu, address}, nil
	}
	if net.ParseIP(wish.announced) == nil {
		return card{}, fmt.Errorf("invalid public IP address: %s", wish.announced)
	}
	log.Printf("Using %s as external address", wish.announced)
	return card{one.name, address, one.mtu, wish.announced}, nil
}

// own is a card's first address that others can be told, a link-local one where it has no other.
func own(one found) string {
	local := ""
	for _, address := range one.addresses {
		ip := net.ParseIP(address)
		if ip.IsGlobalUnicast() {
			return address
		}
		if ip.IsLinkLocalUnicast() {
			local = address
		}
	}
	return local
}

func byName(all []found, name string) (found, string, error) {
	isAddress := net.ParseIP(name) != nil
	for _, one := range all {
		if !isAddress && one.name == name {
			return one, "", nil
		}
		for _, address := range one.addresses {
			if isAddress && address == name {
				return one, address, nil
			}
		}
	}
	if isAddress {
		return found{}, "", fmt.Errorf("error looking up interface %s: No interface with given IP found", name)
	}
	return found{}, "", fmt.Errorf("error looking up interface %s: route ip+net: no such network interface", name)
}

// byPattern looks at every card's own address first, then at the names.
func byPattern(all []found, pattern string) (found, string, error) {
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return found{}, "", fmt.Errorf("regex error matching pattern %s: %w", pattern, err)
	}
	for _, one := range all {
		if address := own(one); address != "" && compiled.MatchString(address) {
			return one, address, nil
		}
	}
	var there []string
	for _, one := range all {
		if compiled.MatchString(one.name) {
			return one, "", nil
		}
		there = append(there, fmt.Sprintf("%s:%s", one.name, own(one)))
	}
	return found{}, "", fmt.Errorf("Could not match pattern %s to any of the available network interfaces (%s)", pattern, strings.Join(there, ", "))
}

func byDefaultRoute(h host, all []found) (found, string, error) {
	table, err := h.routes()
	if err != nil {
		return found{}, "", err
	}
	for _, line := range strings.Split(table, "\n") {
		columns := strings.Fields(line) // Iface Destination Gateway Flags RefCnt Use Metric Mask …
		if len(columns) < 8 || columns[1] != "00000000" || columns[7] != "00000000" {
			continue
		}
		one, _, err := byName(all, columns[0])
		return one, "", err
	}
	return found{}, "", errors.New("failed to get default interface: Unable to find default route")
}
