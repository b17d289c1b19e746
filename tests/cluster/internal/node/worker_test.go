package node

import (
	"encoding/json"
	"net/netip"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"terraform.local/s3www/cluster/internal/config"
)

func TestConfigurationsAreWellFormed(t *testing.T) {
	cluster := config.Config{Name: "test", State: t.TempDir(), ClusterIP: netip.MustParseAddr("10.98.7.2")}
	if err := writeFiles(cluster); err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		text, err := os.ReadFile(cluster.Path("config", name))
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
	if kubelet.CgroupRoot != "/s3www-cluster-test" || kubelet.ClusterDNS[0] != config.DNSServiceIP || kubelet.ContainerRuntimeEndpoint != "unix://"+containerdSocket {
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
