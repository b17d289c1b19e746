package node

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"terraform.local/s3www/cluster/internal/config"
)

func TestConfigurationsAreWellFormed(t *testing.T) {
	t.Setenv("S3WWW_CLUSTER", "test")
	t.Setenv("S3WWW_STATE_DIR", t.TempDir())
	t.Setenv("S3WWW_CLUSTER_NODES", "2")
	cluster, err := config.FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range cluster.Nodes {
		checkConfigurations(t, cluster, node)
	}
}

func checkConfigurations(t *testing.T, cluster config.Config, node config.Node) {
	if err := writeFiles(cluster, node); err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		text, err := os.ReadFile(node.Path("config", name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	var kubelet struct {
		CgroupRoot, ContainerRuntimeEndpoint string
		ClusterDNS                           []string
	}
	if err := yaml.Unmarshal(read("kubelet.yaml"), &kubelet); err != nil {
		t.Fatal(err)
	}
	if kubelet.CgroupRoot != map[string]string{"node1": "/s3www-cluster-test", "node2": "/s3www-cluster-test/node2"}[node.Name] || kubelet.ClusterDNS[0] != config.DNSServiceIP || kubelet.ContainerRuntimeEndpoint != "unix://"+containerdSocket {
		t.Errorf("the kubelet's settings are %+v", kubelet)
	}
	if err := yaml.Unmarshal(read("kube-proxy.yaml"), &map[string]any{}); err != nil {
		t.Error(err)
	}
	if !json.Valid(read("../cni/10-pods.conflist")) {
		t.Error("the CNI configuration is not JSON")
	}
	for name := range configurations {
		if strings.Contains(string(read(name)), "<no value>") {
			t.Errorf("%s has a gap", name)
		}
	}
}

func TestStateBelowAPrivateFolderIsRefused(t *testing.T) {
	for _, folder := range []string{"/run", "/var/lib/x", "/var/log/a/b"} {
		if CheckState(config.Config{State: folder}) == nil {
			t.Errorf("%s was accepted", folder)
		}
	}
	for _, folder := range []string{"/root/x", "/running", "/var/library"} {
		if err := CheckState(config.Config{State: folder}); err != nil {
			t.Error(err)
		}
	}
}
