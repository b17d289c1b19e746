// Package config says what a local cluster is called, which addresses it has
// and where its files are.
package config

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// Fixed facts of every cluster. They are inside the cluster's own network
// namespace, so two clusters can share them.
const (
	ClusterDomain   = "cluster.local"
	ClusterCIDR     = "10.244.0.0/16"
	ServiceCIDR     = "10.96.0.0/16"
	APIServiceIP    = "10.96.0.1"
	DNSServiceIP    = "10.96.0.10"
	APIServerPort   = 6443
	FilesPort       = 8088
	ClusterLink     = "eth0"
	defaultName     = "local"
	defaultSubnet   = "10.99.0.0/24"
	maxNameLength   = 11
	maxNodes        = 9
	nameVariable    = "S3WWW_CLUSTER"
	subnetVariable  = "S3WWW_CLUSTER_SUBNET"
	stateVariable   = "S3WWW_STATE_DIR"
	toolsVariable   = "S3WWW_TOOLS"
	s3wwwVariable   = "S3WWW_BIN"
	extrasVariable  = "S3WWW_CLUSTER_OPERATORS"
	nodesVariable   = "S3WWW_CLUSTER_NODES"
	projectFolder   = "s3www-provider"
	linkPrefix      = "s3w-"
	cgroupPrefix    = "s3www-cluster-"
	imageCacheLabel = "images"
)

// clusterName is what fits into a network interface's name (15 characters
// with the prefix) and a cgroup's.
var clusterName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// Config is one cluster: its name, its two addresses and its folders.
type Config struct {
	// Name tells clusters on one machine apart.
	Name string
	// MachineIP and ClusterIP are the two ends of the link between the
	// machine and the cluster; Subnet is the network they are in.
	MachineIP, ClusterIP netip.Addr
	Subnet               netip.Prefix
	// StateRoot holds the state folders of all clusters, State is this
	// cluster's.
	StateRoot, State string
	// Above are the folders above StateRoot that are there for it perhaps, the
	// nearest first; empty ones go with it.
	Above []string
	// Cache holds what is worth keeping when the cluster is gone.
	Cache string
	// Tools holds the programs kube, coredns, minio, mc, s3www and pause:
	// beside this one unless the environment says otherwise.
	Tools string
	// S3WWW is the s3www binary to put into the image instead of the double;
	// empty for the double.
	S3WWW string
	// Operators is whether the cluster gets the images of the Prometheus
	// Operator and its like, too.
	Operators bool
	// Nodes are its nodes; the first one has the control plane, too.
	Nodes []Node
}

// FromEnvironment returns the cluster that the environment asks for.
func FromEnvironment() (Config, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Config{}, fmt.Errorf("The home folder is not known (%w). Set HOME.", err)
	}
	program, err := os.Executable()
	if err != nil {
		return Config{}, fmt.Errorf("The path of this program is not known: %w", err)
	}
	name := variable(nameVariable, defaultName)
	if len(name) > maxNameLength || !clusterName.MatchString(name) {
		return Config{}, fmt.Errorf("%s=%q is not a cluster name: use up to %d small letters, digits and dashes, a dash not in front", nameVariable, name, maxNameLength)
	}
	text := variable(subnetVariable, defaultSubnet)
	subnet, err := netip.ParsePrefix(text)
	if err != nil || !subnet.Addr().Is4() || subnet.Bits() > 30 {
		return Config{}, fmt.Errorf("%s=%q is not an IPv4 network of four or more addresses: write it like %s", subnetVariable, text, defaultSubnet)
	}
	subnet = subnet.Masked()
	stateHome := os.Getenv("XDG_STATE_HOME")
	var above []string
	if stateHome == "" {
		stateHome = filepath.Join(home, ".local", "state")
		above = []string{stateHome, filepath.Dir(stateHome)}
	}
	stateRoot := filepath.Join(stateHome, projectFolder)
	if named := os.Getenv(stateVariable); named != "" {
		stateRoot, above = named, nil
	}
	cache := filepath.Join(variable("XDG_CACHE_HOME", filepath.Join(home, ".cache")), projectFolder)
	config := Config{
		Name:      name,
		MachineIP: subnet.Addr().Next(),
		ClusterIP: subnet.Addr().Next().Next(),
		Subnet:    subnet,
		StateRoot: stateRoot,
		Above:     above,
		State:     filepath.Join(stateRoot, name),
		Cache:     cache,
		Tools:     variable(toolsVariable, filepath.Dir(program)),
		S3WWW:     os.Getenv(s3wwwVariable),
		Operators: os.Getenv(extrasVariable) != "",
	}
	count, err := strconv.Atoi(variable(nodesVariable, "1"))
	if err != nil || count < 1 || count > maxNodes {
		return Config{}, fmt.Errorf("%s=%q is not a number of nodes from 1 to %d", nodesVariable, os.Getenv(nodesVariable), maxNodes)
	}
	if available := 1<<(32-subnet.Bits()) - 3; count > available {
		return Config{}, fmt.Errorf("The network %s has addresses for %d nodes, and %s asks for %d. Set %s to a larger one.", subnet, available, nodesVariable, count, subnetVariable)
	}
	for _, folder := range []*string{&config.StateRoot, &config.State, &config.Cache, &config.Tools} {
		if *folder, err = filepath.Abs(*folder); err != nil {
			return Config{}, fmt.Errorf("The folder %s has no absolute path: %w", *folder, err)
		}
	}
	config.Nodes = nodes(config, count)
	return config, nil
}

func variable(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// Path returns the path of something in the state folder.
func (c Config) Path(elements ...string) string {
	return filepath.Join(append([]string{c.State}, elements...)...)
}

// Tool returns the path of a program with its links resolved, so that a
// running cluster does not depend on the folder of links.
func (c Config) Tool(name string) (string, error) {
	link := filepath.Join(c.Tools, name)
	path, err := filepath.EvalSymlinks(link)
	if err != nil {
		return "", fmt.Errorf("The program %s is not there (%w). Run `make setup`, which builds it.", link, err)
	}
	return path, nil
}

// Environment returns the environment that makes FromEnvironment return this
// very cluster in another process.
func (c Config) Environment() []string {
	return append(os.Environ(),
		nameVariable+"="+c.Name,
		subnetVariable+"="+c.Subnet.String(),
		stateVariable+"="+c.StateRoot,
		toolsVariable+"="+c.Tools,
		nodesVariable+"="+strconv.Itoa(len(c.Nodes)),
	)
}

// Kubeconfig returns the path of the administrator's kubeconfig.
func (c Config) Kubeconfig() string { return c.Path("kubeconfig") }

// Logs returns the folder that holds one log file per component, and one
// folder for each further node.
func (c Config) Logs() string { return c.Path("logs") }

// ImageCache returns the folder that keeps built image archives.
func (c Config) ImageCache() string { return filepath.Join(c.Cache, imageCacheLabel) }

// MachineLink returns the name of the machine's end of the link.
func (c Config) MachineLink() string { return linkPrefix + c.Name }

// Cgroup returns the name of the cluster's control group below each root.
func (c Config) Cgroup() string { return cgroupPrefix + c.Name }

// APIServer returns the URL of the API server, the same inside and outside.
func (c Config) APIServer() string {
	return fmt.Sprintf("https://%s:%d", c.ClusterIP, APIServerPort)
}

// FilesURL returns the URL of the web server that serves the folder `www`.
func (c Config) FilesURL() string {
	return fmt.Sprintf("http://%s:%d", c.ClusterIP, FilesPort)
}
