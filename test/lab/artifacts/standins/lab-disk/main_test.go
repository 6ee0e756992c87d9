package main

import (
	"syscall"
	"testing"
)

// decide runs the filter as the kernel would, for a call of an architecture.
func decide(t *testing.T, architecture, number uint32) uint32 {
	program := filter()
	var loaded uint32
	for at := 0; at < len(program); at++ {
		switch step := program[at]; step.Code {
		case loadWord:
			loaded = map[uint32]uint32{0: number, 4: architecture}[step.K]
		case jumpEqual:
			if loaded == step.K {
				at += int(step.Jt)
			} else {
				at += int(step.Jf)
			}
		case returnConstant:
			return step.K
		}
	}
	t.Fatal("the filter does not end")
	return 0
}

func TestHolds(t *testing.T) {
	for _, number := range held {
		if decide(t, architecture, number) != notify {
			t.Errorf("call %d is not held", number)
		}
		if decide(t, architecture+1, number) != allow {
			t.Errorf("call %d of another architecture is held", number)
		}
	}
	for _, number := range []uint32{syscall.SYS_READ, syscall.SYS_WRITE, syscall.SYS_MSYNC, 307} {
		if decide(t, architecture, number) != allow {
			t.Errorf("call %d is held", number)
		}
	}
}
