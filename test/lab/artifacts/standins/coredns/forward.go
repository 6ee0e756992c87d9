package main

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand"
	"net"
	"time"
)

const upstreamPatience = 2 * time.Second

// forwarder hands a query on as it is, and gives back what it is answered.
type forwarder struct {
	from    string
	to      []string
	except  []string
	overTCP bool
	inOrder bool
}

func (f *forwarder) takes(name string) bool {
	return within(name, f.from) && !withinAny(name, f.except)
}

// ask tries one upstream after the other, from a random one on where no order was asked for.
func (f *forwarder) ask(query []byte, overTCP bool) ([]byte, error) {
	first := 0
	if !f.inOrder {
		first = rand.Intn(len(f.to))
	}
	err := errors.New("no healthy proxies")
	for turn := range f.to {
		var reply []byte
		reply, err = exchange(f.to[(first+turn)%len(f.to)], query, overTCP || f.overTCP)
		if err == nil {
			return reply, nil
		}
	}
	return nil, err
}

// exchange is one query and its answer over UDP or TCP.
func exchange(address string, query []byte, overTCP bool) ([]byte, error) {
	network := "udp"
	if overTCP {
		network = "tcp"
	}
	connection, err := net.DialTimeout(network, address, upstreamPatience)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(upstreamPatience)); err != nil {
		return nil, err
	}
	if overTCP {
		if err := writeMessage(connection, query); err != nil {
			return nil, err
		}
		return readMessage(connection)
	}
	if _, err := connection.Write(query); err != nil {
		return nil, err
	}
	reply := make([]byte, 65535)
	size, err := connection.Read(reply)
	if err != nil {
		return nil, err
	}
	return reply[:size], nil
}

// Over TCP a message has its length before it.
func writeMessage(to io.Writer, message []byte) error {
	_, err := to.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...))
	return err
}

func readMessage(from io.Reader) ([]byte, error) {
	var length uint16
	if err := binary.Read(from, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	message := make([]byte, length)
	_, err := io.ReadFull(from, message)
	return message, err
}
