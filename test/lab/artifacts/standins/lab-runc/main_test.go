package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestEdit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	const before = `{"ociVersion":"1.0.2","process":{"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_RESOURCE"]},` +
		`"oomScoreAdj":-997,"rlimits":[{"hard":18446744073709551615}]}}`
	const after = `{"ociVersion":"1.0.2","process":{"capabilities":{"bounding":["CAP_CHOWN"]},` +
		`"oomScoreAdj":0,"rlimits":[{"hard":18446744073709551615}]}}`
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := prepare([]string{"--root", "/run", "create", "--bundle", filepath.Dir(path), "abc"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != after {
		t.Errorf("%s, %v", got, err)
	}
}

func TestPositiveScoreStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "process.json")
	const before = `{"capabilities":{"bounding":["CAP_KILL"]},"oomScoreAdj":1000}`
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := prepare([]string{"exec", "--process=" + path, "abc"}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != before {
		t.Errorf("%s", got)
	}
}
