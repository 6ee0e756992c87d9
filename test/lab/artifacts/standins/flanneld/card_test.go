package main

import (
	"strings"
	"testing"
)

// A host with two cards: the default route leads over the first, and the cluster is on the second.
func twoCards(table string) host {
	return host{
		cards: func() ([]found, error) {
			return []found{
				{"lo", 65536, []string{"127.0.0.1"}},
				{"ens160", 1500, []string{"10.161.9.11"}},
				{"ens192", 9000, []string{"169.254.1.1", "10.160.9.11", "10.160.9.100"}},
				{"ens224", 1500, nil},
			}, nil
		},
		routes: func() (string, error) { return table, nil },
	}
}

const overFirst = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
ens160	00000000	0109A10A	0003	0	0	0	00000000	0	0	0
ens192	0009A00A	00000000	0001	0	0	0	00FFFFFF	0	0	0
`

func TestChoosesAsFlannelDoes(t *testing.T) {
	for what, want := range map[*wishes]card{
		{}:                              {"ens160", "10.161.9.11", 1500, "10.161.9.11"},
		{names: list{"10.160.9.11"}}:    {"ens192", "10.160.9.11", 9000, "10.160.9.11"},
		{names: list{"ens192"}}:         {"ens192", "10.160.9.11", 9000, "10.160.9.11"},
		{names: list{"ens1", "ens192"}}: {"ens192", "10.160.9.11", 9000, "10.160.9.11"},
		{names: list{"10.160.9.11"}, announced: "203.0.113.7"}: {"ens192", "10.160.9.11", 9000, "203.0.113.7"},
		{patterns: list{`^10\.160\.`}}:                         {"ens192", "10.160.9.11", 9000, "10.160.9.11"},
		{patterns: list{"^ens16"}}:                             {"ens160", "10.161.9.11", 1500, "10.161.9.11"},
	} {
		got, err := choose(twoCards(overFirst), *what)
		if err != nil || got != want {
			t.Errorf("%+v: %+v, %v", *what, got, err)
		}
	}
}

func TestEndsAsFlannelDoes(t *testing.T) {
	without := strings.Replace(overFirst, "ens160\t00000000", "ens160\t0009A10A", 1)
	for what, want := range map[*wishes]string{
		{}:                           "Failed to find any valid interface to use: failed to get default interface: Unable to find default route",
		{names: list{"10.160.9.99"}}: "Failed to find interface to use that matches the interfaces and/or regexes provided",
		{patterns: list{"^eth"}}:     "Failed to find interface to use that matches the interfaces and/or regexes provided",
		{names: list{"ens224"}}:      "Failed to find interface to use that matches the interfaces and/or regexes provided",
	} {
		if _, err := choose(twoCards(without), *what); err == nil || err.Error() != want {
			t.Errorf("%+v: %v", *what, err)
		}
	}
}
