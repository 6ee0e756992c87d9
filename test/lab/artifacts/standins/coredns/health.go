package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// serve answers 200 on one path, or 503 while ok says no.
func serve(address, path string, ok func() bool) error {
	mux := http.NewServeMux()
	mux.HandleFunc(path, func(writer http.ResponseWriter, _ *http.Request) {
		if !ok() {
			http.Error(writer, "kubernetes", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(writer, "OK")
	})
	return http.ListenAndServe(address, mux)
}

// endWhenTold goes on answering for the time of `lameduck` once it is told to end.
func endWhenTold(lameduck time.Duration) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	<-told
	log.Print("[INFO] SIGTERM: Shutting down servers then terminating")
	if lameduck > 0 {
		log.Printf("[INFO] plugin/health: Going into lameduck mode for %s", lameduck)
		time.Sleep(lameduck)
	}
	os.Exit(0)
}

// reloadWhenChanged starts this program anew with another Corefile; one with a mistake in it leaves all as it was.
func reloadWhenChanged(path, text, port string, every time.Duration) {
	for range time.Tick(every) {
		now, err := os.ReadFile(path)
		if err != nil || string(now) == text {
			continue
		}
		log.Print("[INFO] Reloading")
		if _, err := read(path, string(now), port); err != nil {
			log.Printf("[ERROR] Corefile changed but reload failed: %v", err)
			text = string(now)
			continue
		}
		log.Fatal(syscall.Exec("/proc/self/exe", os.Args, os.Environ()))
	}
}
