// The lab's stand-in for Tiller 2.17: a TLS listener on 44134 that asks for a client
// certificate as Tiller does, and its probes on 44135. It speaks no gRPC and installs nothing.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const banner = "lab stand-in for tiller v2.17.0: the handshake is done, and nothing else can be done here\n"

// configuration follows Tiller: TLS where TILLER_TLS_ENABLE or TILLER_TLS_VERIFY has any value,
// a client certificate of ca.crt where TILLER_TLS_VERIFY has.
func configuration() (*tls.Config, error) {
	verify := os.Getenv("TILLER_TLS_VERIFY") != ""
	if !verify && os.Getenv("TILLER_TLS_ENABLE") == "" {
		return nil, nil
	}
	folder := os.Getenv("TILLER_TLS_CERTS")
	if folder == "" {
		folder = "/etc/certs"
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key"))
	if err != nil {
		return nil, err
	}
	result := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if verify {
		pem, err := os.ReadFile(filepath.Join(folder, "ca.crt"))
		if err != nil {
			return nil, err
		}
		result.ClientCAs = x509.NewCertPool()
		if !result.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("no certificate in %s/ca.crt", folder)
		}
		result.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return result, nil
}

func greet(connection net.Conn) {
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
	if secured, ok := connection.(*tls.Conn); ok {
		if err := secured.Handshake(); err != nil {
			log.Printf("%v refused: %v", connection.RemoteAddr(), err)
			return
		}
		if peers := secured.ConnectionState().PeerCertificates; len(peers) > 0 {
			log.Printf("%v accepted as %q", connection.RemoteAddr(), peers[0].Subject.String())
		}
	}
	_, _ = connection.Write([]byte(banner))
}

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	log.Print("this is the lab's stand-in for Tiller, not Tiller: it only completes TLS handshakes")
	secured, err := configuration()
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", ":44134")
	if err != nil {
		log.Fatal(err)
	}
	if secured != nil {
		listener = tls.NewListener(listener, secured)
	}
	log.Printf("listening on 44134, TLS %v, client certificate demanded %v",
		secured != nil, secured != nil && secured.ClientAuth == tls.RequireAndVerifyClientCert)
	go func() {
		mux := http.NewServeMux()
		for _, path := range []string{"/liveness", "/readiness"} {
			mux.HandleFunc(path, func(http.ResponseWriter, *http.Request) {})
		}
		log.Fatal(http.ListenAndServe(":44135", mux))
	}()
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go greet(connection)
	}
}
