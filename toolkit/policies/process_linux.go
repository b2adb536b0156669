package main

import (
	"os"
	"syscall"
)

const maxMemory = 1 << 30

// takeOutput keeps descriptor 1 for answers alone: what the library prints goes to standard error.
func takeOutput() (*os.File, error) {
	copied, err := syscall.Dup(1)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(copied)
	if err := syscall.Dup3(2, 1, 0); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(copied), "answers"), nil
}

// limitMemory bounds what is really written to (RLIMIT_AS would count what Go only reserves).
func limitMemory() {
	limit := syscall.Rlimit{Cur: maxMemory, Max: maxMemory}
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &limit) // a lower one stands already, perhaps
}
