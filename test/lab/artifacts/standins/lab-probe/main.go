// lab-probe is the lab's own program for trying pods, services and names:
//
//	lab-probe serve [ADDRESS]      answers /hostname, /client and /healthz (default :8080)
//	lab-probe get URL              prints the body; exit code 1 unless the answer is 2xx
//	lab-probe resolve NAME         prints the addresses of a name
//	lab-probe pause                waits for a signal to end
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func serve(address string) error {
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/hostname", func(writer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(writer, name) })
	mux.HandleFunc("/client", func(writer http.ResponseWriter, request *http.Request) {
		fmt.Fprintln(writer, request.RemoteAddr)
	})
	mux.HandleFunc("/healthz", func(writer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(writer, "ok") })
	fmt.Printf("lab-probe of %s listens on %s\n", name, address)
	return http.ListenAndServe(address, mux)
}

func get(url string) error {
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		return err
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}

func resolve(name string) error {
	addresses, err := net.LookupHost(name)
	for _, address := range addresses {
		fmt.Println(address)
	}
	return err
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 0:
		return serve(":8080")
	case len(arguments) <= 2 && arguments[0] == "serve":
		return serve(append(arguments[1:], ":8080")[0])
	case len(arguments) == 2 && arguments[0] == "get":
		return get(arguments[1])
	case len(arguments) == 2 && arguments[0] == "resolve":
		return resolve(arguments[1])
	case len(arguments) == 1 && arguments[0] == "pause":
		ended := make(chan os.Signal, 1)
		signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
		<-ended
		return nil
	}
	return fmt.Errorf("usage: lab-probe serve [ADDRESS] | get URL | resolve NAME | pause")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
