package machine

import (
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"

	"terraform.local/s3www/cluster/internal/config"
)

// MakeLink joins the machine and the network namespace of a process by a
// pair of virtual network devices, and gives the machine's end its address.
func MakeLink(cluster config.Config, pid int) error {
	link := cluster.MachineLink()
	return IP(
		[]string{"link", "add", link, "type", "veth", "peer", "name", config.ClusterLink, "netns", strconv.Itoa(pid)},
		[]string{"address", "add", netip.PrefixFrom(cluster.MachineIP, cluster.Subnet.Bits()).String(), "dev", link},
		[]string{"link", "set", link, "up"},
	)
}

// JoinLink joins the first node, whose network namespace this process is in,
// and the one of a process that becomes a further node, and leads to that
// node and its pods. Its end has no address: the first node has one already.
func JoinLink(node config.Node, pid int) error {
	return IP(
		[]string{"link", "add", node.Name, "type", "veth", "peer", "name", config.ClusterLink, "netns", strconv.Itoa(pid)},
		[]string{"link", "set", node.Name, "up"},
		[]string{"route", "add", node.Address.String(), "dev", node.Name},
		[]string{"route", "add", node.PodCIDR, "via", node.Address.String(), "dev", node.Name, "onlink"},
	)
}

// RemoveLink removes the machine's end, and with it the other one.
func RemoveLink(cluster config.Config) error {
	if _, err := net.InterfaceByName(cluster.MachineLink()); err != nil {
		return nil //nolint:nilerr // there is none
	}
	err := IP([]string{"link", "delete", cluster.MachineLink()})
	// The kernel removes it by itself when the other end's namespace ends,
	// perhaps between these two looks.
	if _, lookup := net.InterfaceByName(cluster.MachineLink()); lookup != nil {
		return nil
	}
	return err
}

// CheckSubnet refuses a network that the machine already has an address in.
func CheckSubnet(cluster config.Config) error {
	interfaces, err := net.Interfaces()
	if err != nil {
		return fmt.Errorf("The machine's network devices cannot be listed: %w", err)
	}
	for _, device := range interfaces {
		addresses, err := device.Addrs()
		if err != nil {
			continue // it is gone already
		}
		for _, address := range addresses {
			prefix, err := netip.ParsePrefix(address.String())
			if err == nil && prefix.Overlaps(cluster.Subnet) {
				return fmt.Errorf("The network %s of the cluster `%s` is in use by the device %s (%s). Set S3WWW_CLUSTER_SUBNET to a free one, such as 10.99.7.0/24.", cluster.Subnet, cluster.Name, device.Name, prefix)
			}
		}
	}
	return nil
}

// Masquerade gives what pods send out of the cluster the node's address. Among
// pods they keep their own, on another node too: policies know them by it,
// which the CNI plugin's own rule would undo.
func Masquerade() error {
	pods := config.ClusterCIDR
	return run("iptables", "--wait", "--table", "nat", "--append", "POSTROUTING", "--source", pods, "!", "--destination", pods, "--jump", "MASQUERADE")
}

// IP runs the program `ip` once for each list of arguments.
func IP(commands ...[]string) error {
	for _, arguments := range commands {
		if err := run("ip", arguments...); err != nil {
			return err
		}
	}
	return nil
}

func run(program string, arguments ...string) error {
	if output, err := exec.Command(program, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("`%s %s` failed: %w: %s", program, strings.Join(arguments, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
