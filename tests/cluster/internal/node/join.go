package node

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/machine"
	"terraform.local/s3www/cluster/internal/probe"
	"terraform.local/s3www/cluster/internal/progress"
)

// join starts a further node, in a network and a mount namespace of its own
// below those of the first one, and returns when it ends.
func join(cluster config.Config, node config.Node) error {
	log, err := openLog(node, "supervisor")
	if err != nil {
		return err
	}
	defer log.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer write.Close()
	command := exec.Command("/proc/self/exe", Join, node.Name)
	// `cluster status` tells the nodes by it.
	command.Args[0] = node.Name
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = []*os.File{read}
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	err = command.Start()
	read.Close()
	if err != nil {
		return fmt.Errorf("The namespaces of %s cannot be made: %w", node.Name, err)
	}
	if err := machine.JoinLink(node, command.Process.Pid); err != nil {
		return err
	}
	if _, err := write.Write([]byte{1}); err != nil {
		return fmt.Errorf("It went away before it was linked (see %s): %w", log.Name(), err)
	}
	return command.Wait()
}

// RunJoined is a further node: it starts its components and keeps them running.
func RunJoined(cluster config.Config, name string) error {
	node, err := cluster.Node(name)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	reporter := progress.New(os.Stdout)
	if err := waitForLink(); err != nil {
		return err
	}
	if err := machine.EnterCgroup(node.Cgroup()); err != nil {
		return err
	}
	if err := isolateMounts(); err != nil {
		return err
	}
	if err := prepare(cluster, node,
		[]string{"address", "add", node.Address.String() + "/32", "dev", config.ClusterLink},
		[]string{"link", "set", config.ClusterLink, "up"},
		[]string{"route", "add", cluster.ClusterIP.String(), "dev", config.ClusterLink},
		[]string{"route", "add", "default", "via", cluster.ClusterIP.String()},
	); err != nil {
		return err
	}
	kube, err := cluster.Tool("kube")
	if err != nil {
		return err
	}
	start := func(component component) { go component.run(ctx, reporter.Step) }
	start(containerd(node))
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := importImages(starting, cluster, reporter); err != nil {
		return err
	}
	client, err := probe.NewClient(cluster.Path("kubeconfigs", "cluster"))
	if err != nil {
		return err
	}
	if before, exists := cluster.Before(node); exists {
		// Networks are handed out in the order of registration.
		if err := reporter.Until(starting, before.Name+" has registered", func(ctx context.Context) error {
			return client.Registered(ctx, before.Name)
		}); err != nil {
			return err
		}
	}
	start(kubelet(node, kube))
	start(kubeProxy(node, kube))
	<-ctx.Done()
	return nil
}
