package lifecycle

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/image"
	"terraform.local/s3www/cluster/internal/machine"
	"terraform.local/s3www/cluster/internal/node"
	"terraform.local/s3www/cluster/internal/pki"
	"terraform.local/s3www/cluster/internal/probe"
	"terraform.local/s3www/cluster/internal/process"
	"terraform.local/s3www/cluster/internal/progress"
)

// upTimeout bounds the start of a cluster whose programs are built.
const upTimeout = 3 * time.Minute

func recordPath(cluster config.Config) string { return cluster.Path("process.json") }

// readyPath is a file that exists once the cluster has proved that it works.
func readyPath(cluster config.Config) string { return cluster.Path("ready") }

// Up makes the cluster run and work. What runs already is left as it is;
// what is half up is waited for; what is left of a dead one is removed first.
func Up(ctx context.Context, cluster config.Config, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, upTimeout)
	defer cancel()
	reporter := progress.New(out)
	if err := machine.Check(); err != nil {
		return err
	}
	if err := node.CheckState(cluster); err != nil {
		return err
	}
	release, err := lock(cluster)
	if err != nil {
		return err
	}
	defer release()
	record, found, err := process.Load(recordPath(cluster))
	if err != nil {
		return err
	}
	if found && record.Running() {
		err := waitUntilUsable(ctx, cluster, record, reporter)
		if err == nil || record.Running() {
			return report(err, cluster, reporter)
		}
		// It was on its way out when it was found, and is gone now.
		reporter.Step("Process %d, which held the cluster, ended; it is started anew", record.PID)
	}
	if err := remove(cluster); err != nil {
		return fmt.Errorf("What an earlier cluster left cannot be removed: %w", err)
	}
	if err := machine.CheckSubnet(cluster); err != nil {
		return err
	}
	if record, err = start(cluster, reporter); err != nil {
		return err
	}
	return report(waitUntilUsable(ctx, cluster, record, reporter), cluster, reporter)
}

// report says how waiting for the cluster ended.
func report(err error, cluster config.Config, reporter *progress.Reporter) error {
	if err != nil {
		return fmt.Errorf("%w\n%sAll logs are in %s.", err, tail(cluster.Path("logs", "supervisor.log")), cluster.Logs())
	}
	reporter.Step("The cluster `%s` is up. Its kubeconfig is %s", cluster.Name, cluster.Kubeconfig())
	return nil
}

// start makes everything that a new cluster needs and starts its process 1.
func start(cluster config.Config, reporter *progress.Reporter) (process.Identity, error) {
	folders := []string{cluster.State, cluster.Path("config"), cluster.Path("www")}
	for _, node := range cluster.Nodes {
		folders = append(folders, node.Path(), node.Logs())
	}
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return process.Identity{}, err
		}
	}
	if err := pki.Provision(cluster); err != nil {
		return process.Identity{}, err
	}
	if err := buildImages(cluster, reporter); err != nil {
		return process.Identity{}, err
	}
	record, err := startInit(cluster)
	if err != nil {
		return process.Identity{}, err
	}
	reporter.Step("Process %d holds the cluster; control plane and node are starting", record.PID)
	return record, nil
}

func buildImages(cluster config.Config, reporter *progress.Reporter) error {
	images, err := image.All(cluster)
	if err != nil {
		return err
	}
	var archives []string
	for _, image := range images {
		path, built, err := image.Build(cluster.ImageCache())
		if err != nil {
			return err
		}
		if built {
			reporter.Step("Image %s is built", image.Name)
		}
		archives = append(archives, path)
	}
	if err := removeOthers(cluster.ImageCache(), archives); err != nil {
		return err
	}
	return image.WriteList(cluster, archives)
}

// removeOthers removes archives that were not used for a week: another
// cluster with other programs may still want the younger ones.
func removeOthers(folder string, used []string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, path := range used {
		if err := os.Chtimes(path, now, now); err != nil {
			return err
		}
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && now.Sub(info.ModTime()) > 7*24*time.Hour {
			if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// startInit starts process 1 in new namespaces, in a session of its own so
// that the end of the terminal does not reach it. It waits at a pipe until it
// is recorded and linked: a cluster that nobody knows of cannot come to be.
func startInit(cluster config.Config) (process.Identity, error) {
	log, err := os.OpenFile(cluster.Path("logs", "supervisor.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return process.Identity{}, err
	}
	defer log.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return process.Identity{}, err
	}
	defer write.Close()
	command := exec.Command("/proc/self/exe", node.Init)
	command.Args[0] = "cluster"
	command.Dir = cluster.State
	command.Env = cluster.Environment()
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = []*os.File{read}
	command.SysProcAttr = &syscall.SysProcAttr{
		Setsid:     true,
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
	}
	err = command.Start()
	read.Close()
	if err != nil {
		return process.Identity{}, fmt.Errorf("The namespaces of the cluster cannot be made: %w", err)
	}
	// Collected if it ends while this command runs, so that it is seen to end.
	go command.Wait() //nolint:errcheck // its status is in its log
	record, err := process.Identify(command.Process.Pid)
	if err != nil {
		return process.Identity{}, err
	}
	if err := record.Save(recordPath(cluster)); err != nil {
		return process.Identity{}, err
	}
	if err := machine.MakeLink(cluster, record.PID); err != nil {
		return process.Identity{}, err
	}
	if _, err := write.Write([]byte{1}); err != nil {
		return process.Identity{}, fmt.Errorf("The cluster's first process went away: %w\n%s", err, tail(log.Name()))
	}
	return record, nil
}

func waitUntilUsable(ctx context.Context, cluster config.Config, record process.Identity, reporter *progress.Reporter) error {
	client, err := probe.NewClient(cluster.Kubeconfig())
	if err != nil {
		return err
	}
	alive := func(check func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error {
			if !record.Running() {
				return progress.Fatal(fmt.Errorf("The cluster's process %d ended. The last lines of its log are:", record.PID))
			}
			return check(ctx)
		}
	}
	if err := reporter.Until(ctx, "API server is ready", alive(client.APIServerReady)); err != nil {
		return err
	}
	ready := func(ctx context.Context) error { return client.NodesReady(ctx, cluster.Nodes) }
	if err := reporter.Until(ctx, fmt.Sprintf("Nodes are ready (%d)", len(cluster.Nodes)), alive(ready)); err != nil {
		return err
	}
	if _, err := os.Stat(readyPath(cluster)); err == nil {
		return nil
	}
	if err := client.RunPod(ctx, reporter); err != nil {
		return err
	}
	return os.WriteFile(readyPath(cluster), nil, 0o644)
}

// tail returns the last lines of a file, each indented; nothing if there is
// no such file.
func tail(path string) string {
	const lines = 10
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return "  " + strings.Join(all, "\n  ") + "\n"
}
