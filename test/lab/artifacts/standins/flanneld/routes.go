package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
)

func command(name string, arguments ...string) error {
	output, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, output)
	}
	return nil
}

// present reads the kernel's routes over a gateway that lie within the pod network.
func present(table string, whole *net.IPNet) map[string]string {
	word := func(text string) net.IP {
		bytes, err := hex.DecodeString(text)
		if err != nil || len(bytes) != 4 {
			return nil
		}
		ip := make(net.IP, 4)
		binary.BigEndian.PutUint32(ip, binary.LittleEndian.Uint32(bytes))
		return ip
	}
	found := map[string]string{}
	for _, line := range strings.Split(table, "\n") {
		columns := strings.Fields(line) // Iface Destination Gateway Flags RefCnt Use Metric Mask …
		if len(columns) < 8 {
			continue
		}
		to, over, mask := word(columns[1]), word(columns[2]), word(columns[7])
		if to == nil || over == nil || mask == nil || over.IsUnspecified() || !whole.Contains(to) {
			continue
		}
		found[(&net.IPNet{IP: to, Mask: net.IPMask(mask)}).String()] = over.String()
	}
	return found
}

// routes makes the kernel's routes to the other nodes' pods exactly the wanted ones, all over one card.
func routes(whole *net.IPNet, wanted map[string]string, card string) error {
	table, err := os.ReadFile("/proc/net/route")
	if err != nil {
		return err
	}
	found := present(string(table), whole)
	for pods, over := range wanted {
		if found[pods] != over {
			if err := command("ip", "route", "replace", pods, "via", over, "dev", card, "onlink"); err != nil {
				return err
			}
		}
	}
	for pods, over := range found {
		if wanted[pods] == "" {
			if err := command("ip", "route", "del", pods, "via", over); err != nil {
				return err
			}
		}
	}
	return nil
}

// rules are flannel's own: pods keep their address among themselves and take the node's
// for everything else, and FORWARD lets them through although docker's policy is DROP.
func rules(whole, own *net.IPNet, masquerade bool) error {
	all, mine := whole.String(), own.String()
	wanted := [][]string{
		{"filter", "FORWARD", "-s", all, "-j", "ACCEPT"},
		{"filter", "FORWARD", "-d", all, "-j", "ACCEPT"},
	}
	if masquerade {
		wanted = append(wanted,
			[]string{"nat", "POSTROUTING", "-s", all, "-d", all, "-j", "RETURN"},
			[]string{"nat", "POSTROUTING", "-s", all, "!", "-d", "224.0.0.0/4", "-j", "MASQUERADE"},
			[]string{"nat", "POSTROUTING", "!", "-s", all, "-d", mine, "-j", "RETURN"},
			[]string{"nat", "POSTROUTING", "!", "-s", all, "-d", all, "-j", "MASQUERADE"})
	}
	for _, rule := range wanted {
		check := append([]string{"-w", "5", "-t", rule[0], "-C", rule[1]}, rule[2:]...)
		if command("iptables", check...) == nil {
			continue
		}
		if err := command("iptables", append([]string{"-w", "5", "-t", rule[0], "-A", rule[1]}, rule[2:]...)...); err != nil {
			return err
		}
	}
	return nil
}
