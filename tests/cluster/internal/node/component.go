package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"terraform.local/s3www/cluster/internal/config"
)

// component is a program that runs as long as the cluster does.
type component struct {
	// name is also what it is called with and what its log file is named by.
	name      string
	program   string
	arguments []string
	// node is the one that it runs on.
	node config.Node
}

// restartDelay keeps a component that cannot start from using up a processor.
const restartDelay = time.Second

// run starts the component again whenever it ends, until the context does: a
// test that kills the API server sees it come back, as on a real node.
func (c component) run(ctx context.Context, report func(string, ...any)) {
	for {
		err := c.once(ctx)
		if ctx.Err() != nil {
			return
		}
		report("%s ended (%v); it is started again", c.name, err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(restartDelay):
		}
	}
}

func (c component) once(ctx context.Context) error {
	log, err := openLog(c.node, c.name)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.CommandContext(ctx, c.program, c.arguments...)
	command.Args[0] = c.name
	command.Env = environment()
	command.Dir = c.node.Path()
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Run(); err != nil {
		return err
	}
	return errors.New("with status 0")
}

// environment is all that the parts get of the caller's: proxies and
// credentials in the rest would change what they do.
func environment() []string {
	return []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"}
}

func openLog(node config.Node, name string) (*os.File, error) {
	path := filepath.Join(node.Logs(), name+".log")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("The log file of %s cannot be opened: %w", name, err)
	}
	return file, nil
}
