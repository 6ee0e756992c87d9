package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What kubeadm writes (kubernetes, cmd/kubeadm/app/phases/addons/dns/manifests.go), with another resolv.conf.
const ofKubeadm = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes Cluster.Example in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . RESOLV {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`

func resolvConf(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadsWhatKubeadmWrites(t *testing.T) {
	path := resolvConf(t, "search lab\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n")
	found, err := read("/etc/coredns/Corefile", strings.Replace(ofKubeadm, "RESOLV", path, 1), "53")
	if err != nil {
		t.Fatal(err)
	}
	if found.domain != domain || found.health != ":8080" || found.ready != ":8181" || found.lameduck != 5*time.Second || found.reload != 30*time.Second {
		t.Errorf("%+v", found)
	}
	if to := found.servers[0].forward.to; strings.Join(to, " ") != "10.0.0.1:53 10.0.0.2:53" {
		t.Errorf("upstreams: %v", to)
	}
}

func TestEndsAsCoreDNSDoes(t *testing.T) {
	whole := strings.Replace(ofKubeadm, "RESOLV", resolvConf(t, "nameserver 10.0.0.1\n"), 1)
	for edit, want := range map[[2]string]string{
		{"    loop\n", "    proxy . 10.0.0.1\n"}:  "/etc/coredns/Corefile:17 - Error during parsing: Unknown directive 'proxy'",
		{"ttl 30", "upstream"}:                    "plugin/kubernetes: /etc/coredns/Corefile:10 - Error during parsing: unknown property 'upstream'",
		{"pods insecure", "pods all"}:             "plugin/kubernetes: wrong value for pods: all,  must be one of: disabled, verified, insecure",
		{"max_concurrent 1000", "policy first"}:   "plugin/forward: /etc/coredns/Corefile:14 - Error during parsing: unknown policy 'first'",
		{"lameduck 5s", "lameduck soon"}:          "plugin/health: unable to parse lameduck duration value: 'soon' : time: invalid duration \"soon\"",
		{"    loop\n", "    loop\n    loop\n"}:    "plugin/loop: this plugin can only be used once per Server Block",
		{"    loop\n", "    loop now\n"}:          "plugin/loop: /etc/coredns/Corefile:17 - Error during parsing: Wrong argument count or unexpected line ending after 'now'",
		{"    loadbalance\n}", "    loadbalance"}: "/etc/coredns/Corefile:19 - Error during parsing: Unexpected EOF",
	} {
		_, err := read("/etc/coredns/Corefile", strings.Replace(whole, edit[0], edit[1], 1), "53")
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", edit[1], err, want)
		}
	}
}

func TestWantsANameserver(t *testing.T) {
	for text, want := range map[string]string{
		"search lab\n# nameserver 10.0.0.1\n": "plugin/forward: no nameservers found",
		"":                                    "plugin/forward: no nameservers found",
	} {
		path := resolvConf(t, text)
		if _, err := read("Corefile", ".:53 {\nforward . "+path+"\n}\n", "53"); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	_, err := read("Corefile", ".:53 {\nforward . /nowhere/resolv.conf\n}\n", "53")
	if err == nil || err.Error() != `plugin/forward: not an IP address or file: "/nowhere/resolv.conf"` {
		t.Error(err)
	}
}
