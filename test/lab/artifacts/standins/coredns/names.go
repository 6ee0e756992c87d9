package main

import (
	"log"
	"net"

	"lab/standins/cluster"
)

type meta struct{ Name, Namespace string }

type services struct {
	Items []struct {
		Metadata meta
		Spec     struct{ ClusterIP, Type, ExternalName string }
	}
}

type endpoints struct {
	Items []struct {
		Metadata meta
		Subsets  []struct {
			Addresses []struct{ IP, Hostname string }
		}
	}
}

func ipv4(text string) ([4]byte, bool) {
	var address [4]byte
	parsed := net.ParseIP(text).To4()
	if parsed == nil {
		return address, false
	}
	copy(address[:], parsed)
	return address, true
}

// namesOf is every name that can be asked for: a service by its cluster address, a headless
// one by the addresses of its endpoints, and those that have a hostname by that as well.
func namesOf(domain string, found services, behind endpoints) map[string][][4]byte {
	names := map[string][][4]byte{domain: nil, "svc." + domain: nil}
	headless := map[string]bool{}
	for _, service := range found.Items {
		name := service.Metadata.Name + "." + service.Metadata.Namespace + ".svc." + domain
		names[service.Metadata.Namespace+".svc."+domain] = nil
		if address, ok := ipv4(service.Spec.ClusterIP); ok {
			names[name] = [][4]byte{address}
		} else if service.Spec.ClusterIP == "None" {
			headless[name] = true
			names[name] = nil
		}
	}
	for _, item := range behind.Items {
		name := item.Metadata.Name + "." + item.Metadata.Namespace + ".svc." + domain
		if !headless[name] {
			continue
		}
		for _, subset := range item.Subsets {
			for _, each := range subset.Addresses {
				address, ok := ipv4(each.IP)
				if !ok {
					continue
				}
				names[name] = append(names[name], address)
				if each.Hostname != "" {
					names[each.Hostname+"."+name] = [][4]byte{address}
				}
			}
		}
	}
	return names
}

func (s *server) read(client *cluster.Client) error {
	var found services
	if err := client.Get("/api/v1/services", &found); err != nil {
		return err
	}
	var behind endpoints
	if err := client.Get("/api/v1/endpoints", &behind); err != nil {
		return err
	}
	names := namesOf(s.settings.domain, found, behind)
	if before, _ := s.names.Load().(map[string][][4]byte); len(before) != len(names) {
		log.Printf("%d names known", len(names))
	}
	s.names.Store(names)
	return nil
}
