package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
)

// The directives that CoreDNS 1.7 is built with (coredns, core/dnsserver/zdirectives.go).
var directives = strings.Fields(`metadata cancel tls reload nsid bufsize root bind debug trace ready health pprof
	prometheus errors log dnstap dns64 acl any chaos loadbalance cache rewrite dnssec autopath template transfer hosts
	route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic whoami on sign`)

type token struct {
	text string
	line int
}

// statement is a directive with what stands behind it, or a line of its block.
type statement struct {
	name token
	args []string
	body []statement
}

// block is one server block: its zones with their ports, and its directives.
type block struct {
	keys       []string
	directives []statement
}

type corefile struct {
	path   string
	tokens []token
	next   int
}

func (c *corefile) fail(line int, format string, words ...interface{}) error {
	return fmt.Errorf("%s:%d - Error during parsing: %s", c.path, line, fmt.Sprintf(format, words...))
}

// argErr is what every plugin says of a word too many or too few.
func (c *corefile) argErr(s statement) error {
	last := s.name.text
	if len(s.args) > 0 {
		last = s.args[len(s.args)-1]
	}
	return c.fail(s.name.line, "Wrong argument count or unexpected line ending after '%s'", last)
}

func tokensOf(text string) []token {
	var tokens []token
	scanner := bufio.NewScanner(strings.NewReader(text))
	for line := 1; scanner.Scan(); line++ {
		for _, word := range strings.Fields(scanner.Text()) {
			if strings.HasPrefix(word, "#") {
				break
			}
			tokens = append(tokens, token{strings.Trim(word, `"`), line})
		}
	}
	return tokens
}

func (c *corefile) peek() (token, bool) {
	if c.next >= len(c.tokens) {
		return token{}, false
	}
	return c.tokens[c.next], true
}

// rest takes what stands on the same line, up to a brace that opens a block.
func (c *corefile) rest(line int) (words []string, opens bool) {
	for found, ok := c.peek(); ok && found.line == line; found, ok = c.peek() {
		c.next++
		if found.text == "{" {
			return words, true
		}
		words = append(words, found.text)
	}
	return words, false
}

// statements takes everything up to the brace that closes the block.
func (c *corefile) statements() ([]statement, error) {
	var found []statement
	for {
		name, ok := c.peek()
		if !ok {
			return nil, c.fail(c.tokens[len(c.tokens)-1].line, "Unexpected EOF")
		}
		c.next++
		if name.text == "}" {
			return found, nil
		}
		s := statement{name: name}
		var opens bool
		s.args, opens = c.rest(name.line)
		if opens {
			var err error
			if s.body, err = c.statements(); err != nil {
				return nil, err
			}
		}
		found = append(found, s)
	}
}

// parse reads the server blocks, and refuses a directive that CoreDNS does not know, as it does, before any plugin is set up.
func parse(path, text string) (*corefile, []block, error) {
	c := &corefile{path: path, tokens: tokensOf(text)}
	if len(c.tokens) == 0 {
		return nil, nil, errors.New("the Corefile is empty; what CoreDNS does then is not known here")
	}
	var blocks []block
	for first, ok := c.peek(); ok; first, ok = c.peek() {
		words, opens := c.rest(first.line)
		if !opens {
			return nil, nil, c.fail(first.line, "the lab's stand-in wants a { at the end of a line of zones")
		}
		found, err := c.statements()
		if err != nil {
			return nil, nil, err
		}
		for _, each := range found {
			if !contains(directives, each.name.text) {
				return nil, nil, c.fail(each.name.line, "Unknown directive '%s'", each.name.text)
			}
		}
		keys := strings.FieldsFunc(strings.Join(words, ","), func(r rune) bool { return r == ',' })
		blocks = append(blocks, block{keys: keys, directives: found})
	}
	return c, blocks, nil
}

func contains(words []string, word string) bool {
	for _, each := range words {
		if each == word {
			return true
		}
	}
	return false
}
