package node

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/files"
	"terraform.local/s3www/cluster/internal/image"
	"terraform.local/s3www/cluster/internal/machine"
	"terraform.local/s3www/cluster/internal/probe"
	"terraform.local/s3www/cluster/internal/progress"
	"terraform.local/s3www/cluster/internal/provisioner"
)

// startTimeout bounds what the supervisor waits for while it starts.
const startTimeout = 2 * time.Minute

// RunSupervisor starts everything and keeps it running. It returns only when
// something cannot be started at all.
func RunSupervisor(cluster config.Config) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	reporter := progress.New(os.Stdout)
	if err := prepare(cluster); err != nil {
		return err
	}
	kube, err := cluster.Tool("kube")
	if err != nil {
		return err
	}
	dns, err := cluster.Tool("coredns")
	if err != nil {
		return err
	}
	start := func(component component) { go component.run(ctx, cluster, reporter.Step) }
	failed := make(chan error, 2)
	serve := func(name string, run func() error) {
		go func() { failed <- fmt.Errorf("The %s ended: %w", name, run()) }()
	}
	start(etcd(cluster))
	start(containerd(cluster))
	start(apiServer(cluster, kube))
	serve("file server", func() error { return files.Serve(cluster) })

	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	client, err := probe.NewClient(cluster.Path("kubeconfigs", "cluster"))
	if err != nil {
		return err
	}
	if err := reporter.Until(starting, "The API server is ready", client.APIServerReady); err != nil {
		return err
	}
	start(controllerManager(cluster, kube))
	start(scheduler(cluster, kube))
	// Pods must not see a node without its images: a pull that fails once is
	// tried again only after ten seconds.
	if err := importImages(starting, cluster, reporter); err != nil {
		return err
	}
	start(kubelet(cluster, kube))
	start(kubeProxy(cluster, kube))
	start(coreDNS(cluster, dns))
	if err := reporter.Until(starting, "DNS Service and storage classes exist", func(ctx context.Context) error {
		return createObjects(ctx, client, cluster)
	}); err != nil {
		return err
	}
	serve("volume provisioner", func() error { return provisioner.Run(ctx, client.Interface, cluster) })
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// prepare makes the network and the files.
func prepare(cluster config.Config) error {
	if err := coverFiles(cluster.Path("config", "covers")); err != nil {
		return err
	}
	if err := writeFiles(cluster); err != nil {
		return err
	}
	if err := machine.IP(
		[]string{"link", "set", "lo", "up"},
		[]string{"address", "add", netip.PrefixFrom(cluster.ClusterIP, cluster.Subnet.Bits()).String(), "dev", config.ClusterLink},
		[]string{"link", "set", config.ClusterLink, "up"},
		[]string{"route", "add", "default", "via", cluster.MachineIP.String()},
	); err != nil {
		return err
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
		return fmt.Errorf("Forwarding cannot be switched on in the cluster's network namespace: %w", err)
	}
	return nil
}

// importImages gives containerd the archives that `up` left in the state
// folder's list.
func importImages(ctx context.Context, cluster config.Config, reporter *progress.Reporter) error {
	if err := reporter.Until(ctx, "containerd answers", func(ctx context.Context) error {
		return ctr(ctx, "version")
	}); err != nil {
		return err
	}
	archives, err := image.ReadList(cluster)
	if err != nil {
		return err
	}
	for _, archive := range archives {
		if err := ctr(ctx, "--namespace=k8s.io", "images", "import", archive); err != nil {
			return err
		}
	}
	reporter.Step("%d images are imported", len(archives))
	return nil
}

func ctr(ctx context.Context, arguments ...string) error {
	command := exec.CommandContext(ctx, "ctr", append([]string{"--address=" + containerdSocket}, arguments...)...)
	command.Env = environment()
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("`ctr %v` failed: %w: %s", arguments, err, output)
	}
	return nil
}
