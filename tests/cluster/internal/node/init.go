// Package node is what runs inside the cluster's namespaces: process 1, the
// supervisor, and the parts of Kubernetes.
package node

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/machine"
)

// Supervise is the argument that makes this program the supervisor; Init the
// one that makes it process 1; Join the one that makes it a further node.
const (
	Init      = "init"
	Supervise = "supervise"
	Join      = "join"
)

// goDescriptor is where a process in a new network namespace is told that the
// other side of its link is ready.
const goDescriptor = 3

// waitForLink waits for that. If whoever makes the link died, the pipe ends
// without a byte.
func waitForLink() error {
	pipe := os.NewFile(goDescriptor, "go")
	defer pipe.Close()
	if _, err := io.ReadFull(pipe, make([]byte, 1)); err != nil {
		return fmt.Errorf("The process that started this one went away before it was ready: %w", err)
	}
	return nil
}

// RunInit is process 1 of the namespaces. It starts the supervisor and
// collects orphans: containerd leaves its shims to process 1. The supervisor
// is a process of its own because collecting every orphan and waiting for
// one's own children exclude each other.
//
// It ends with the supervisor, and the kernel then ends everything else.
func RunInit(cluster config.Config) error {
	// Everything is thrown away unless the parent recorded this process and
	// made its network link.
	if err := waitForLink(); err != nil {
		return err
	}
	if err := machine.EnterCgroup(cluster.Cgroup()); err != nil {
		return err
	}
	if err := isolateMounts(); err != nil {
		return err
	}
	supervisor, err := syscall.ForkExec("/proc/self/exe", []string{os.Args[0], Supervise}, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2},
	})
	if err != nil {
		return fmt.Errorf("The supervisor cannot be started: %w", err)
	}
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return fmt.Errorf("Waiting for the supervisor failed: %w", err)
		case pid == supervisor:
			return fmt.Errorf("The supervisor ended with status %d, signal %d.", status.ExitStatus(), status.Signal())
		}
	}
}
