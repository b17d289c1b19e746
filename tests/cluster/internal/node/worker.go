package node

import (
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"terraform.local/s3www/cluster/internal/config"
	"terraform.local/s3www/cluster/internal/image"
	"terraform.local/s3www/cluster/internal/machine"
)

// containerdSocket is at its usual place: /run is the cluster's own.
const containerdSocket = "/run/containerd/containerd.sock"

// settings is what the configuration files are made of.
type settings struct {
	config.Node
	// Cluster has what all nodes share.
	Cluster                       config.Config
	CNIFolder, PauseImage, Socket string
	ClusterDomain, ClusterCIDR    string
	DNSServiceIP                  string
}

// configurations are the configuration files by their name in the folder `config`.
var configurations = map[string]string{
	// `restrict_oom_score_adj`: without CAP_SYS_RESOURCE no sandbox starts
	// otherwise.
	"containerd.toml": `version = 2
root = "{{.Path "containerd"}}"
state = "/run/containerd"
[grpc]
  address = "{{.Socket}}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{{.Path "containerd-opt"}}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{{.PauseImage}}"
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{{.CNIFolder}}"
    conf_dir = "{{.Path "cni"}}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`,
	"kubelet.yaml": `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: '{{.Cluster.Path "pki" "ca.crt"}}'}
authorization: {mode: Webhook}
tlsCertFile: '{{.Path "pki" "kubelet.crt"}}'
tlsPrivateKeyFile: '{{.Path "pki" "kubelet.key"}}'
containerRuntimeEndpoint: 'unix://{{.Socket}}'
cgroupDriver: cgroupfs
cgroupRoot: '/{{.Cgroup}}'
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
oomScoreAdj: 0
evictionHard: {memory.available: 10Mi, nodefs.available: 0.1%, nodefs.inodesFree: 0.1%, imagefs.available: 0.1%}
imageGCHighThresholdPercent: 100
imageMinimumGCAge: 720h
clusterDomain: {{.ClusterDomain}}
clusterDNS: [{{.DNSServiceIP}}]
resolvConf: '{{.Path "config" "empty"}}'
podLogsDir: '{{.Logs}}/pods'
# The defaults slow a single busy node down on purpose.
serializeImagePulls: false
kubeAPIQPS: 100
kubeAPIBurst: 200
syncFrequency: 10s
`,
	"kube-proxy.yaml": `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: '{{.Cluster.Path "kubeconfigs" "kube-proxy"}}'}
mode: iptables
clusterCIDR: {{.ClusterCIDR}}
hostnameOverride: {{.Name}}
oomScoreAdj: 0
# These belong to the whole machine.
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
iptables: {minSyncPeriod: 0s, syncPeriod: 10s}
`,
	"../cni/10-pods.conflist": `{
  "cniVersion": "0.4.0",
  "name": "pods",
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": false,
      "ipam": {"type": "host-local", "dataDir": "/run/cni/networks", "ranges": [[{"subnet": "{{.PodCIDR}}"}]], "routes": [{"dst": "0.0.0.0/0"}]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`,
	// The world's names do not exist here: a test sees the same with and
	// without an internet, and a missing name is an answer, not a timeout.
	"Corefile": `{{.ClusterDomain}}:53 in-addr.arpa:53 ip6.arpa:53 {
  errors
  kubernetes {{.ClusterDomain}} in-addr.arpa ip6.arpa {
    kubeconfig {{.Cluster.Path "kubeconfigs" "coredns"}}
    pods insecure
    ttl 5
  }
  loadbalance
}
.:53 {
  errors
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`,
	"empty": "",
}

// writeFiles writes the configuration files of a node.
func writeFiles(cluster config.Config, node config.Node) error {
	folder, err := machine.CNIFolder()
	if err != nil {
		return err
	}
	values := settings{
		Node: node, Cluster: cluster, CNIFolder: folder, PauseImage: image.Pause, Socket: containerdSocket,
		ClusterDomain: config.ClusterDomain, ClusterCIDR: config.ClusterCIDR, DNSServiceIP: config.DNSServiceIP,
	}
	for name, text := range configurations {
		path := node.Path("config", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		parsed, err := template.New(name).Parse(text)
		if err != nil {
			return err
		}
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := parsed.Execute(file, values); err != nil {
			file.Close()
			return fmt.Errorf("The configuration file %s cannot be written: %w", path, err)
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}

func containerd(node config.Node) component {
	return component{
		node:      node,
		name:      "containerd",
		program:   "containerd",
		arguments: []string{"--config=" + node.Path("config", "containerd.toml")},
	}
}

func kubelet(node config.Node, kube string) component {
	return component{
		node:    node,
		name:    "kubelet",
		program: kube,
		arguments: []string{
			"--config=" + node.Path("config", "kubelet.yaml"),
			"--kubeconfig=" + node.Path("kubeconfigs", "kubelet"),
			"--root-dir=" + node.Path("kubelet"),
			"--hostname-override=" + node.Name,
			"--node-ip=" + node.Address.String(),
		},
	}
}

func kubeProxy(node config.Node, kube string) component {
	return component{
		node:      node,
		name:      "kube-proxy",
		program:   kube,
		arguments: []string{"--config=" + node.Path("config", "kube-proxy.yaml")},
	}
}

func coreDNS(node config.Node, program string) component {
	return component{
		node:      node,
		name:      "coredns",
		program:   program,
		arguments: []string{"-conf=" + node.Path("config", "Corefile")},
	}
}
