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
	if err := prepareFirst(cluster); err != nil {
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
	first := cluster.Nodes[0]
	start := func(component component) { go component.run(ctx, reporter.Step) }
	failed := make(chan error, 2+len(cluster.Nodes))
	serve := func(name string, run func() error) {
		go func() { failed <- fmt.Errorf("The %s ended: %w", name, run()) }()
	}
	start(etcd(cluster))
	start(containerd(first))
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
	for _, joined := range cluster.Nodes[1:] {
		serve(joined.Name, func() error { return join(cluster, joined) })
	}
	// Pods must not see a node without its images: a pull that fails once is
	// tried again only after ten seconds.
	if err := importImages(starting, cluster, reporter); err != nil {
		return err
	}
	start(kubelet(first, kube))
	start(kubeProxy(first, kube))
	start(coreDNS(first, dns))
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

// prepareFirst makes the network and the files of the first node, which
// forwards between the others and the machine.
func prepareFirst(cluster config.Config) error {
	if err := prepare(cluster, cluster.Nodes[0],
		[]string{"address", "add", netip.PrefixFrom(cluster.ClusterIP, cluster.Subnet.Bits()).String(), "dev", config.ClusterLink},
		[]string{"link", "set", config.ClusterLink, "up"},
		[]string{"route", "add", "default", "via", cluster.MachineIP.String()},
	); err != nil {
		return err
	}
	// The machine looks for the other nodes at its own link.
	return setKernel("conf/" + config.ClusterLink + "/proxy_arp")
}

// prepare makes the files of a node, and its network by commands of `ip`.
func prepare(cluster config.Config, node config.Node, network ...[]string) error {
	if err := coverFiles(node.Path("config", "covers")); err != nil {
		return err
	}
	if err := writeFiles(cluster, node); err != nil {
		return err
	}
	if err := machine.IP(append([][]string{{"link", "set", "lo", "up"}}, network...)...); err != nil {
		return err
	}
	if err := machine.Masquerade(); err != nil {
		return err
	}
	return setKernel("ip_forward")
}

// setKernel switches a setting of the node's network namespace on.
func setKernel(setting string) error {
	if err := os.WriteFile("/proc/sys/net/ipv4/"+setting, []byte("1"), 0o644); err != nil {
		return fmt.Errorf("The setting net.ipv4 %s cannot be switched on in the network namespace: %w", setting, err)
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
