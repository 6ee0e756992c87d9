// lab-disk stands in for a disk whose fsync is slow: it makes every call that waits for the disk take that much longer,
// for a program and all that it starts.
//
//	lab-disk serve SOCKET MILLISECONDS   holds up what arrives; runs until it is ended
//	lab-disk run SOCKET PROGRAM ...      becomes the program, whose calls go to whoever serves there
//
// The kernel tells of each call and waits (seccomp_unotify(2)); it is carried out when the time is over. Calls of
// several threads are held up at the same time, and those for a file on a tmpfs as those for one on the disk; what is
// written with O_SYNC is not held up.
package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

const (
	seccompCall    = 317 // seccomp(2) on x86-64
	setModeFilter  = 1
	newListener    = 1 << 3
	waitKillable   = 1 << 5 // as for a real fsync, only a fatal signal ends the wait
	architecture   = 0xC000003E
	allow          = 0x7FFF0000
	notify         = 0x7FC00000
	receive        = 0xC0502100 // SECCOMP_IOCTL_NOTIF_RECV
	send           = 0xC0182101 // SECCOMP_IOCTL_NOTIF_SEND
	carryOn        = 1          // SECCOMP_USER_NOTIF_FLAG_CONTINUE
	parentsDeath   = 1          // PR_SET_PDEATHSIG
	readable       = 1
	hangUp         = 0x10
	jumpEqual      = syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K
	loadWord       = syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS
	returnConstant = syscall.BPF_RET | syscall.BPF_K
)

// What waits for the disk: fsync, fdatasync, sync, syncfs.
var held = []uint32{syscall.SYS_FSYNC, syscall.SYS_FDATASYNC, syscall.SYS_SYNC, 306}

// filter is the program that tells the calls that are held from all others.
func filter() []syscall.SockFilter {
	program := []syscall.SockFilter{
		{Code: loadWord, K: 4},
		{Code: jumpEqual, K: architecture, Jf: uint8(len(held) + 1)},
		{Code: loadWord, K: 0},
	}
	for index, number := range held {
		program = append(program, syscall.SockFilter{Code: jumpEqual, K: number, Jt: uint8(len(held) - index)})
	}
	return append(program,
		syscall.SockFilter{Code: returnConstant, K: allow},
		syscall.SockFilter{Code: returnConstant, K: notify})
}

// hold puts the filter on this thread and returns where the kernel tells of calls.
func hold() (int, error) {
	program := filter()
	described := syscall.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	listener, _, problem := syscall.Syscall(seccompCall, setModeFilter, newListener|waitKillable,
		uintptr(unsafe.Pointer(&described)))
	if problem != 0 {
		return 0, problem
	}
	return int(listener), nil
}

func run(socket, program string, arguments []string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return err
	}
	connection, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	listener, err := hold()
	if err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	if _, _, err := connection.(*net.UnixConn).WriteMsgUnix([]byte{0}, syscall.UnixRights(listener), nil); err != nil {
		return err
	}
	syscall.CloseOnExec(listener)
	return syscall.Exec(path, append([]string{program}, arguments...), os.Environ())
}

func control(listener int, request uintptr, argument unsafe.Pointer) syscall.Errno {
	for {
		_, _, problem := syscall.Syscall(syscall.SYS_IOCTL, uintptr(listener), request, uintptr(argument))
		if problem != syscall.EINTR {
			return problem
		}
	}
}

type notification struct {
	id   uint64
	rest [72]byte
}

type response struct {
	id    uint64
	value int64
	error int32
	flags uint32
}

// delay answers each call of one program when the time is over, until all of it has ended.
func delay(listener int, duration time.Duration) {
	defer syscall.Close(listener)
	for {
		waited := struct {
			descriptor      int32
			events, arrived int16
		}{int32(listener), readable, 0}
		_, _, problem := syscall.Syscall(syscall.SYS_POLL, uintptr(unsafe.Pointer(&waited)), 1, ^uintptr(0))
		if problem == syscall.EINTR {
			continue
		}
		if problem != 0 || waited.arrived&hangUp != 0 {
			return
		}
		call := &notification{}
		// A caller that was killed meanwhile is none any more: ENOENT.
		if control(listener, receive, unsafe.Pointer(call)) != 0 {
			continue
		}
		id := call.id
		time.AfterFunc(duration, func() {
			control(listener, send, unsafe.Pointer(&response{id: id, flags: carryOn}))
		})
	}
}

// serve ends with the thread that has started it, also where that one had no time to end it.
func serve(socket string, duration time.Duration) error {
	if _, _, problem := syscall.Syscall(syscall.SYS_PRCTL, parentsDeath, uintptr(syscall.SIGKILL), 0); problem != 0 {
		return problem
	}
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		return err
	}
	listening, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	for {
		connection, err := listening.Accept()
		if err != nil {
			return err
		}
		rights := make([]byte, syscall.CmsgSpace(4))
		_, size, _, _, err := connection.(*net.UnixConn).ReadMsgUnix(make([]byte, 1), rights)
		connection.Close()
		if err != nil {
			return err
		}
		messages, err := syscall.ParseSocketControlMessage(rights[:size])
		if err != nil || len(messages) != 1 {
			continue
		}
		if descriptors, err := syscall.ParseUnixRights(&messages[0]); err == nil {
			go delay(descriptors[0], duration)
		}
	}
}

// The main thread is the one that lives as long as the program.
func init() {
	runtime.LockOSThread()
}

func main() {
	err := fmt.Errorf("usage: lab-disk serve SOCKET MILLISECONDS | run SOCKET PROGRAM ...")
	if len(os.Args) == 4 && os.Args[1] == "serve" {
		var milliseconds int
		if milliseconds, err = strconv.Atoi(os.Args[3]); err == nil {
			err = serve(os.Args[2], time.Duration(milliseconds)*time.Millisecond)
		}
	} else if len(os.Args) > 3 && os.Args[1] == "run" {
		err = run(os.Args[2], os.Args[3], os.Args[4:])
	}
	fmt.Fprintln(os.Stderr, "lab-disk:", err)
	os.Exit(1)
}
