// The lab's stand-in for flanneld with --kube-subnet-mgr: it takes the node's pod network
// from the API, writes subnet.env for the CNI plugin, and routes to the other nodes' pod
// networks straight over the addresses that they have announced (what flannel calls host-gw),
// whatever backend net-conf.json names: the lab's hosts share one network, so no tunnel is needed.
// The card, and the address that is announced, are chosen as flannel chooses them.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"lab/standins/cluster"
)

const (
	netConf   = "/etc/kube-flannel/net-conf.json"
	subnetEnv = "/run/flannel/subnet.env"
)

type node struct {
	Metadata struct {
		Name        string
		Annotations map[string]string
	}
	Spec struct{ PodCIDR string }
}

const annotations = "flannel.alpha.coreos.com/"

// address is what that node's own flanneld has announced.
func (n node) address() string { return n.Metadata.Annotations[annotations+"public-ip"] }

// ownName is NODE_NAME, or what the API says of this pod: flannel's own manifest gives only the latter.
func ownName(client *cluster.Client) (string, error) {
	if name := os.Getenv("NODE_NAME"); name != "" {
		return name, nil
	}
	pod, namespace := os.Getenv("POD_NAME"), os.Getenv("POD_NAMESPACE")
	if pod == "" || namespace == "" {
		log.Fatal("neither NODE_NAME nor POD_NAME and POD_NAMESPACE are set")
	}
	var found struct{ Spec struct{ NodeName string } }
	if err := client.Get("/api/v1/namespaces/"+namespace+"/pods/"+pod, &found); err != nil {
		return "", err
	}
	return found.Spec.NodeName, nil
}

func network() (*net.IPNet, error) {
	text, err := os.ReadFile(netConf)
	if err != nil {
		return nil, err
	}
	var conf struct {
		Network string
		Backend struct{ Type string }
	}
	if err := json.Unmarshal(text, &conf); err != nil {
		return nil, fmt.Errorf("%s: %w", netConf, err)
	}
	_, parsed, err := net.ParseCIDR(conf.Network)
	if err != nil {
		return nil, fmt.Errorf("%s: Network: %w", netConf, err)
	}
	log.Printf("network %s; the backend %q is answered with plain routes", parsed, conf.Backend.Type)
	return parsed, nil
}

// writeEnv replaces subnet.env only as a whole: the CNI plugin may read it at any time.
func writeEnv(whole, own *net.IPNet, mtu int, masquerade bool) error {
	first := append(net.IP{}, own.IP.To4()...)
	first[3]++
	ones, _ := own.Mask.Size()
	text := fmt.Sprintf("FLANNEL_NETWORK=%s\nFLANNEL_SUBNET=%s/%d\nFLANNEL_MTU=%d\nFLANNEL_IPMASQ=%v\n",
		whole, first, ones, mtu, masquerade)
	if before, err := os.ReadFile(subnetEnv); err == nil && string(before) == text {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(subnetEnv), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(subnetEnv+".new", []byte(text), 0o644); err != nil {
		return err
	}
	log.Printf("this node's pods are in %s", own)
	return os.Rename(subnetEnv+".new", subnetEnv)
}

type daemon struct {
	client     *cluster.Client
	name       string
	whole      *net.IPNet
	card       card
	masquerade bool
}

func (d *daemon) refresh() error {
	var list struct{ Items []node }
	if err := d.client.Get("/api/v1/nodes", &list); err != nil {
		return err
	}
	wanted := map[string]string{}
	var own *node
	for index, each := range list.Items {
		if each.Metadata.Name == d.name {
			own = &list.Items[index]
		} else if _, pods, err := net.ParseCIDR(each.Spec.PodCIDR); err == nil && each.address() != "" {
			wanted[pods.String()] = each.address()
		}
	}
	if own == nil {
		return fmt.Errorf("node %q is not in the list of %d nodes", d.name, len(list.Items))
	}
	_, pods, err := net.ParseCIDR(own.Spec.PodCIDR)
	if err != nil {
		return fmt.Errorf("node %q pod cidr not assigned", d.name)
	}
	if err := routes(d.whole, wanted, d.card.name); err != nil {
		return err
	}
	if err := rules(d.whole, pods, d.masquerade); err != nil {
		return err
	}
	if err := d.annotate(own, d.card.announced); err != nil {
		return err
	}
	return writeEnv(d.whole, pods, d.card.mtu, d.masquerade)
}

// annotate says on the node what flannel says there.
func (d *daemon) annotate(own *node, address string) error {
	wanted := map[string]string{
		annotations + "backend-type":        "host-gw",
		annotations + "kube-subnet-manager": "true",
		annotations + "public-ip":           address,
	}
	same := true
	for key, value := range wanted {
		same = same && own.Metadata.Annotations[key] == value
	}
	if same {
		return nil
	}
	patch := map[string]interface{}{"metadata": map[string]interface{}{"annotations": wanted}}
	return d.client.Patch("/api/v1/nodes/"+d.name+"/status", patch)
}

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	log.Print("this is the lab's stand-in for flanneld, not flannel: it routes without a tunnel")
	masquerade := flag.Bool("ip-masq", false, "masquerade what leaves the pod network")
	inCluster := flag.Bool("kube-subnet-mgr", false, "take the pod network from the Kubernetes API; must be given")
	var wish wishes
	flag.Var(&wish.names, "iface", "a card by its name or address; the first of several that is there")
	flag.Var(&wish.patterns, "iface-regex", "a pattern for a card's address or name")
	flag.StringVar(&wish.announced, "public-ip", "", "the address that the other nodes are to use")
	flag.Parse()
	if !*inCluster {
		log.Fatal("only --kube-subnet-mgr is known here")
	}
	// Before anything else, as flannel does.
	chosen, err := choose(theHost, wish)
	if err != nil {
		log.Fatal(err)
	}
	client, err := cluster.New()
	if err != nil {
		log.Fatal(err)
	}
	whole, err := network()
	if err != nil {
		log.Fatal(err)
	}
	// The API's service address answers only when kube-proxy runs: ending here would cost a
	// restart's back-off each time that this pod is the first of the two.
	name, err := ownName(client)
	for ; err != nil; name, err = ownName(client) {
		log.Printf("not yet: %v", err)
		time.Sleep(500 * time.Millisecond)
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	d := &daemon{client: client, name: name, whole: whole, card: chosen, masquerade: *masquerade}
	go client.Follow([]string{"/api/v1/nodes"}, d.refresh)
	// Someone else's restart may flush rules and routes: they are put back within a minute.
	again := time.NewTicker(time.Minute)
	for {
		select {
		case <-ended:
			return
		case <-again.C:
			if err := d.refresh(); err != nil {
				log.Printf("not yet: %v", err)
			}
		}
	}
}
