// lab-runc stands before runc where the lab itself runs without CAP_SYS_RESOURCE: there no
// process may lower its oom_score_adj or hand that capability on, so a container that asks
// for either could not be made. Both are taken out of its configuration; where the
// capability is there, runc gets everything as it was.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const (
	capability = "CAP_SYS_RESOURCE"
	bit        = 24 // linux/capability.h
)

// allowed says whether this process could give the capability to a container.
func allowed() bool {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false
	}
	for _, line := range strings.Split(string(status), "\n") {
		if words := strings.Fields(line); len(words) == 2 && words[0] == "CapEff:" {
			effective, err := strconv.ParseUint(words[1], 16, 64)
			return err == nil && effective&(1<<bit) != 0
		}
	}
	return false
}

// relax edits the process part of a runtime configuration.
func relax(process map[string]interface{}) {
	if score, ok := process["oomScoreAdj"].(json.Number); ok {
		if value, err := score.Int64(); err == nil && value < 0 {
			process["oomScoreAdj"] = 0
		}
	}
	sets, _ := process["capabilities"].(map[string]interface{})
	for name, value := range sets {
		list, _ := value.([]interface{})
		kept := []interface{}{}
		for _, each := range list {
			if each != capability {
				kept = append(kept, each)
			}
		}
		sets[name] = kept
	}
}

// edit rewrites one JSON file in place; the file of `create` has the process one level down.
func edit(path string, whole bool) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // or large numbers (uids, limits) would change
	var content map[string]interface{}
	if err := decoder.Decode(&content); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	process := content
	if whole {
		process, _ = content["process"].(map[string]interface{})
	}
	if process != nil {
		relax(process)
	}
	changed, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return os.WriteFile(path, changed, 0o600)
}

// option is the value of --NAME VALUE, -SHORT VALUE or either with =.
func option(arguments []string, name, short string) string {
	for index, argument := range arguments {
		for _, flag := range []string{"--" + name, "-" + name, "-" + short} {
			if argument == flag && index+1 < len(arguments) {
				return arguments[index+1]
			}
			if strings.HasPrefix(argument, flag+"=") {
				return strings.TrimPrefix(argument, flag+"=")
			}
		}
	}
	return ""
}

func prepare(arguments []string) error {
	for index, argument := range arguments {
		rest := arguments[index+1:]
		switch argument {
		case "create", "run":
			bundle := option(rest, "bundle", "b")
			if bundle == "" {
				bundle = "."
			}
			return edit(filepath.Join(bundle, "config.json"), true)
		case "exec":
			if file := option(rest, "process", "p"); file != "" {
				return edit(file, false)
			}
			return nil
		}
	}
	return nil
}

func main() {
	if !allowed() {
		if err := prepare(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "lab-runc:", err)
			os.Exit(1)
		}
	}
	path, err := exec.LookPath("runc")
	if err == nil {
		err = syscall.Exec(path, append([]string{"runc"}, os.Args[1:]...), os.Environ())
	}
	fmt.Fprintln(os.Stderr, "lab-runc:", err)
	os.Exit(1)
}
