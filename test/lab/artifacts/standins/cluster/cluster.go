// Package cluster reads a Kubernetes API from inside a pod with the standard library
// alone: enough for the lab's stand-ins, which only list and follow a few kinds.
package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const account = "/var/run/secrets/kubernetes.io/serviceaccount/"

// Client speaks to the API server with the pod's service account.
type Client struct {
	base string
	http *http.Client
}

// New reads the address and the service account that every pod is given.
func New() (*Client, error) {
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, fmt.Errorf("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this runs in a pod")
	}
	pem, err := os.ReadFile(account + "ca.crt")
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %sca.crt", account)
	}
	transport := &http.Transport{
		TLSClientConfig:       &tls.Config{RootCAs: roots},
		DialContext:           (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 10 * time.Second}).DialContext,
		ResponseHeaderTimeout: 15 * time.Second,
	}
	return &Client{base: "https://" + net.JoinHostPort(host, port), http: &http.Client{Transport: transport}}, nil
}

func (c *Client) do(ctx context.Context, method, path, kind string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	// Read anew each time: a projected token is replaced while the pod runs.
	token, err := os.ReadFile(account + "token")
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 500))
		response.Body.Close()
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	return response, nil
}

// Get reads one object or list into out.
func (c *Client) Get(path string, out interface{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	response, err := c.do(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(out)
}

// Patch sends a strategic merge patch.
func (c *Client) Patch(path string, patch interface{}) error {
	body, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	response, err := c.do(ctx, http.MethodPatch, path, "application/strategic-merge-patch+json", body)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// Follow calls changed once at the start and after every change below the given list paths.
// A change is only a signal: changed reads what it needs. An error of it is tried again.
func (c *Client) Follow(paths []string, changed func() error) {
	signals := make(chan struct{}, 1)
	signal := func() {
		select {
		case signals <- struct{}{}:
		default:
		}
	}
	for _, path := range paths {
		go c.watch(path, signal)
	}
	signal()
	for range signals {
		for {
			err := changed()
			if err == nil {
				break
			}
			log.Printf("not yet: %v", err)
			time.Sleep(time.Second)
		}
	}
}

// watch signals each event of a list, and each time that the watch begins anew.
func (c *Client) watch(path string, signal func()) {
	for {
		if err := c.watchOnce(path, signal); err != nil {
			log.Printf("watch of %s: %v", path, err)
			time.Sleep(time.Second)
		}
	}
}

func (c *Client) watchOnce(path string, signal func()) error {
	var list struct {
		Metadata struct{ ResourceVersion string }
	}
	if err := c.Get(path+"?limit=1", &list); err != nil {
		return err
	}
	// Events between the list that changed() reads and this watch would be lost otherwise.
	signal()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	response, err := c.do(ctx, http.MethodGet,
		path+"?watch=1&timeoutSeconds=45&resourceVersion="+list.Metadata.ResourceVersion, "", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	// A server that lost its power sends no end: past its own time limit the watch is dropped here.
	limit := time.AfterFunc(50*time.Second, cancel)
	defer limit.Stop()
	decoder := json.NewDecoder(response.Body)
	for {
		var event struct{ Type string }
		if err := decoder.Decode(&event); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if event.Type == "ERROR" {
			return fmt.Errorf("the server ended it")
		}
		signal()
	}
}
