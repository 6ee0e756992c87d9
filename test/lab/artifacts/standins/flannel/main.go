// The lab's stand-in for the `flannel` CNI plugin: it turns subnet.env into a configuration
// of the bridge and host-local plugins, which are the real ones, and runs these.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

type configuration struct {
	CNIVersion    string                 `json:"cniVersion"`
	Name          string                 `json:"name"`
	SubnetFile    string                 `json:"subnetFile"`
	DataDir       string                 `json:"dataDir"`
	Delegate      map[string]interface{} `json:"delegate"`
	RuntimeConfig map[string]interface{} `json:"runtimeConfig,omitempty"`
}

func subnetOf(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if key, value, ok := strings.Cut(line, "="); ok {
			values[key] = value
		}
	}
	for _, key := range []string{"FLANNEL_NETWORK", "FLANNEL_SUBNET", "FLANNEL_MTU", "FLANNEL_IPMASQ"} {
		if values[key] == "" {
			return nil, fmt.Errorf("%s has no %s", path, key)
		}
	}
	return values, nil
}

// delegated is the bridge plugin's configuration for this node's pods.
func delegated(conf configuration, values map[string]string) (map[string]interface{}, error) {
	_, subnet, err := net.ParseCIDR(values["FLANNEL_SUBNET"])
	if err != nil {
		return nil, err
	}
	mtu, err := strconv.Atoi(values["FLANNEL_MTU"])
	if err != nil {
		return nil, err
	}
	result := map[string]interface{}{
		"type": "bridge", "mtu": mtu, "ipMasq": values["FLANNEL_IPMASQ"] != "true", "isGateway": true,
	}
	for key, value := range conf.Delegate {
		result[key] = value
	}
	result["name"] = conf.Name
	result["cniVersion"] = conf.CNIVersion
	result["ipam"] = map[string]interface{}{
		"type": "host-local", "subnet": subnet.String(),
		"routes": []map[string]string{{"dst": values["FLANNEL_NETWORK"]}},
	}
	if conf.RuntimeConfig != nil {
		result["runtimeConfig"] = conf.RuntimeConfig
	}
	return result, nil
}

// delegate runs the other plugin in this one's place, with the same environment.
func delegate(text []byte) error {
	var plugin struct{ Type string }
	if err := json.Unmarshal(text, &plugin); err != nil {
		return err
	}
	for _, folder := range filepath.SplitList(os.Getenv("CNI_PATH")) {
		path := filepath.Join(folder, filepath.Base(plugin.Type))
		if _, err := os.Stat(path); err != nil {
			continue
		}
		child := exec.Command(path)
		child.Stdin, child.Stdout, child.Stderr = bytes.NewReader(text), os.Stdout, os.Stderr
		if err := child.Run(); err != nil {
			// It has printed its own error object: a second one would make the answer unreadable.
			os.Exit(1)
		}
		return nil
	}
	return fmt.Errorf("the plugin %q is not in CNI_PATH", plugin.Type)
}

func run() error {
	action := os.Getenv("CNI_COMMAND")
	if action == "VERSION" {
		fmt.Println(`{"cniVersion":"0.4.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0"]}`)
		return nil
	}
	conf := configuration{SubnetFile: "/run/flannel/subnet.env", DataDir: "/var/lib/cni/flannel"}
	if err := json.NewDecoder(os.Stdin).Decode(&conf); err != nil {
		return err
	}
	container := os.Getenv("CNI_CONTAINERID")
	if container == "" || container != filepath.Base(container) {
		return errors.New("CNI_CONTAINERID is not a container's id")
	}
	kept := filepath.Join(conf.DataDir, container)
	switch action {
	case "ADD":
		values, err := subnetOf(conf.SubnetFile)
		if err != nil {
			return err
		}
		result, err := delegated(conf, values)
		if err != nil {
			return err
		}
		text, err := json.Marshal(result)
		if err != nil {
			return err
		}
		// Kept for DEL, when subnet.env may be another or gone.
		if err := os.MkdirAll(conf.DataDir, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(kept, text, 0o600); err != nil {
			return err
		}
		return delegate(text)
	case "DEL", "CHECK":
		text, err := os.ReadFile(kept)
		if errors.Is(err, os.ErrNotExist) && action == "DEL" {
			return nil
		}
		if err != nil {
			return err
		}
		if action == "DEL" {
			defer os.Remove(kept)
		}
		return delegate(text)
	}
	return fmt.Errorf("unknown CNI_COMMAND %q", action)
}

func main() {
	if err := run(); err != nil {
		failure, _ := json.Marshal(map[string]interface{}{
			"cniVersion": "0.3.1", "code": 100, "msg": "the lab's flannel plugin: " + err.Error(),
		})
		fmt.Println(string(failure))
		os.Exit(1)
	}
}
