package config

import (
	"fmt"
	"net/netip"
	"path/filepath"
)

// Node is one machine of the cluster: a network namespace with a container
// runtime and a kubelet.
type Node struct {
	// Name is what Kubernetes calls it.
	Name string
	// Address is where its kubelet listens.
	Address netip.Addr
	// PodCIDR is the network of its pods. Kubernetes hands out the same ones:
	// nodes register in their order.
	PodCIDR string
	// folder holds everything of its own but its logs.
	folder, logs, cgroup string
}

// nodes returns the nodes of a cluster. The first one has its files where the
// cluster has its own, the others in folders below.
func nodes(cluster Config, count int) []Node {
	first := Node{
		Name: "node1", Address: cluster.ClusterIP, PodCIDR: podCIDR(0),
		folder: cluster.State, logs: cluster.Logs(), cgroup: cluster.Cgroup(),
	}
	all := []Node{first}
	for number := 2; number <= count; number++ {
		name := fmt.Sprintf("node%d", number)
		all = append(all, Node{
			Name: name, Address: all[len(all)-1].Address.Next(), PodCIDR: podCIDR(number - 1),
			folder: cluster.Path("nodes", name), logs: filepath.Join(cluster.Logs(), name),
			cgroup: filepath.Join(cluster.Cgroup(), name),
		})
	}
	return all
}

func podCIDR(index int) string { return fmt.Sprintf("10.244.%d.0/24", index) }

// Node returns the node with a name.
func (c Config) Node(name string) (Node, error) {
	for _, node := range c.Nodes {
		if node.Name == name {
			return node, nil
		}
	}
	return Node{}, fmt.Errorf("The cluster `%s` has no node %q.", c.Name, name)
}

// Before returns the node that registers before this one.
func (c Config) Before(node Node) (Node, bool) {
	for index, other := range c.Nodes {
		if other.Name == node.Name && index > 0 {
			return c.Nodes[index-1], true
		}
	}
	return Node{}, false
}

// Path returns the path of something of the node's own.
func (n Node) Path(elements ...string) string {
	return filepath.Join(append([]string{n.folder}, elements...)...)
}

// Logs returns the folder with the logs of its components.
func (n Node) Logs() string { return n.logs }

// Cgroup returns the name of its control group below each root.
func (n Node) Cgroup() string { return n.cgroup }
