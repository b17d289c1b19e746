package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/probe"
	"terraform.local/s3www/cluster/internal/process"
)

// ErrNotUp says that the cluster does not run, or does not work.
var ErrNotUp = errors.New("The cluster is not up. Run `make cluster-up`.")

// Status prints what runs and whether it works.
func Status(ctx context.Context, cluster config.Config, out io.Writer) error {
	components, err := running(cluster)
	if err != nil {
		return err
	}
	for _, component := range components {
		fmt.Fprintf(out, "%-24s process %d\n", component.Program, component.PID)
	}
	client, err := probe.NewClient(cluster.Kubeconfig())
	if err != nil {
		return err
	}
	if err := client.APIServerReady(ctx); err != nil {
		return fmt.Errorf("The API server is not ready: %w", err)
	}
	if err := client.NodesReady(ctx, cluster.Nodes); err != nil {
		return fmt.Errorf("A node is not ready: %w", err)
	}
	if _, err := os.Stat(readyPath(cluster)); err != nil {
		return ErrNotUp
	}
	fmt.Fprintf(out, "kubeconfig               %s\nlogs                     %s\nfiles                    %s serves %s\n",
		cluster.Kubeconfig(), cluster.Logs(), cluster.FilesURL(), cluster.Path("www"))
	return nil
}

// Signal sends a signal to one component: a test stops the API server with
// STOP, wakes it with CONT, or ends it with KILL and sees it start again.
func Signal(cluster config.Config, component, name string) error {
	signals := map[string]syscall.Signal{
		"STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT, "KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM,
	}
	signal, known := signals[name]
	if !known {
		return fmt.Errorf("The signal %q is not known: use STOP, CONT, TERM or KILL.", name)
	}
	components, err := running(cluster)
	if err != nil {
		return err
	}
	var names []string
	for _, candidate := range components {
		if candidate.Program == component {
			return syscall.Kill(candidate.PID, signal)
		}
		names = append(names, candidate.Program)
	}
	return fmt.Errorf("The component %q does not run. These do: %s.", component, strings.Join(names, ", "))
}

// running returns the components: the children of the supervisor, which is
// the only child of the recorded process that is called as this program is.
// Those of a further node are the children of its own supervisor, which is
// called as the node is, and have its name in front: `node2/kubelet`.
func running(cluster config.Config) ([]process.Process, error) {
	record, found, err := process.Load(recordPath(cluster))
	if err != nil {
		return nil, err
	}
	if !found || !record.Running() {
		return nil, ErrNotUp
	}
	children, err := process.Children(record.PID)
	if err != nil {
		return nil, err
	}
	for _, child := range children {
		if child.Program == "cluster" {
			return components(cluster, child.PID)
		}
	}
	return nil, ErrNotUp
}

func components(cluster config.Config, supervisor int) ([]process.Process, error) {
	all, err := process.Children(supervisor)
	if err != nil {
		return nil, err
	}
	for _, child := range all {
		if _, err := cluster.Node(child.Program); err != nil {
			continue
		}
		below, err := process.Children(child.PID)
		if err != nil {
			return nil, err
		}
		for _, component := range below {
			component.Program = child.Program + "/" + component.Program
			all = append(all, component)
		}
	}
	return all, nil
}

// Logs prints the log of one component, or the last lines of each.
func Logs(cluster config.Config, component string, out io.Writer) error {
	var paths []string
	for _, node := range cluster.Nodes {
		below, err := filepath.Glob(filepath.Join(node.Logs(), "*.log"))
		if err != nil {
			return err
		}
		paths = append(paths, below...)
	}
	if len(paths) == 0 {
		return fmt.Errorf("There are no logs in %s: %w", cluster.Logs(), ErrNotUp)
	}
	sort.Strings(paths)
	var names []string
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(path, cluster.Logs()+"/"), ".log")
		names = append(names, name)
		if component == "" {
			fmt.Fprintf(out, "== %s (%s)\n%s", name, path, tail(path))
		}
		if name == component {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			_, err = out.Write(text)
			return err
		}
	}
	if component != "" {
		return fmt.Errorf("There is no log of %q. There are logs of: %s.", component, strings.Join(names, ", "))
	}
	return nil
}
